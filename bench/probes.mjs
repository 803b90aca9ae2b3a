// What a candidate does besides being fast: each probe is a small program whose outcome is seen, not claimed. They tell which of
// deferqueue's guarantees a time does not pay for.
import { AsyncLocalStorage } from 'node:async_hooks';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count) => {
  for (let index = 0; index < count; index++) await turn();
};
/** More than any candidate needs to run what it runs in a later turn. */
const ENOUGH = 5;

/** How an operation ended: `undefined`, or what it rejected with. */
const failureOf = async (operation, plan) => {
  try {
    await operation(plan);
    return undefined;
  } catch (error) {
    return { error };
  }
};

/** Whether a thrown value is a reason, or has it inside. */
const tells = (thrown, reason, depth = 0) =>
  thrown === reason ||
  (depth < 5 &&
    typeof thrown === 'object' &&
    thrown !== null &&
    [thrown.cause, thrown.error, thrown.suppressed, ...(thrown.errors ?? [])].some((inner) =>
      tells(inner, reason, depth + 1),
    ));

const COUNT = 4;

/** In the order of the page. `guarantee` is the number in docs/guarantees.md. */
export const PROBES = {
  ambient: {
    guarantee: 'G1',
    title: 'found by deep calls, with nothing passed along',
    run: async (_operation, { isPassedAlong }) => isPassedAlong !== true,
  },
  awaited: {
    guarantee: 'G6',
    title: 'the operation settles after its works have',
    run: async (operation) => {
      let ended = 0;
      const work = () => async () => {
        await turns(ENOUGH);
        ended++;
      };
      await operation({ depth: 1, count: COUNT, work });
      return ended === COUNT;
    },
  },
  order: {
    guarantee: 'G7',
    title: 'first in, first out',
    run: async (operation) => {
      const entered = [];
      await operation({ depth: 1, count: COUNT, work: (index) => () => void entered.push(index) });
      await turns(ENOUGH);
      return entered.join() === '0,1,2,3';
    },
  },
  alone: {
    guarantee: 'G11',
    title: 'one work at a time',
    run: async (operation) => {
      let running = 0;
      let most = 0;
      const work = () => async () => {
        most = Math.max(most, ++running);
        await turns(ENOUGH);
        running--;
      };
      await operation({ depth: 1, count: COUNT, work });
      await turns(ENOUGH * COUNT);
      return most === 1;
    },
  },
  added: {
    guarantee: 'G8',
    title: 'a work that a work defers runs before the operation settles',
    run: async (operation) => {
      let ran = false;
      let more;
      const work = (_index, defer, handle) => {
        more = defer;
        return async () => {
          await turn();
          defer?.(() => (ran = true), handle);
        };
      };
      const failure = await failureOf(operation, { depth: 1, count: 1, work });
      return more !== undefined && failure === undefined && ran;
    },
  },
  context: {
    guarantee: 'G13',
    title: 'a work runs in the async context in which it was deferred',
    run: async (operation) => {
      const storage = new AsyncLocalStorage();
      const seen = [];
      const work = (index) => {
        storage.enterWith(index);
        return async () => seen.push(storage.getStore() === index);
      };
      await storage.run('outside', () => operation({ depth: 1, count: COUNT, work }));
      await turns(ENOUGH);
      return seen.length === COUNT && seen.every(Boolean);
    },
  },
  afterFailure: {
    guarantee: 'G16, G21',
    title: 'works run also if the function fails, and its reason is what the caller gets',
    run: async (operation) => {
      let ran = 0;
      const reason = new Error('of the function');
      const queued = () => {
        throw reason;
      };
      const failure = await failureOf(operation, {
        depth: 1,
        count: COUNT,
        work: () => async () => void ran++,
        queued,
      });
      await turns(ENOUGH);
      return ran === COUNT && failure?.error === reason;
    },
  },
  allRun: {
    guarantee: 'G20',
    title: 'a work that fails stops no other',
    run: async (operation) => {
      let ran = 0;
      const work = () => async () => {
        ran++;
        throw new Error('of a work');
      };
      await failureOf(operation, { depth: 1, count: COUNT, work });
      await turns(ENOUGH);
      return ran === COUNT;
    },
  },
  told: {
    guarantee: 'G21',
    title: 'the caller is told of every failure',
    run: async (operation) => {
      const reasons = Array.from({ length: COUNT }, (_, index) => new Error(`of work ${index}`));
      const work = (index) => () => Promise.reject(reasons[index]);
      const failure = await failureOf(operation, { depth: 1, count: COUNT, work });
      return failure !== undefined && reasons.every((reason) => tells(failure.error, reason));
    },
  },
};

/** Whether each probe was seen to hold. */
export const probe = async (candidate, library) => {
  // A failure that nobody hears is a result here, and one that ends a process elsewhere.
  for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, () => undefined);
  const operation = await candidate.load({ library, concurrency: 1 });
  const seen = {};
  for (const [name, { run }] of Object.entries(PROBES)) {
    seen[name] = await run(operation, candidate);
    await turns(ENOUGH);
  }
  return seen;
};
