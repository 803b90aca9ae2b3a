// What one request to a worker does, for cases that need several of them: see request-cases.mjs.
import { createRuntime, currentOperation, defer, withOperation } from 'deferqueue';
import PQueue from 'p-queue';

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One isolate answers all requests, so they share these. */
const log = [];
const released = new Set();
const queues = { bounded: new PQueue({ concurrency: 1 }), unbounded: new PQueue({ concurrency: 1 }) };
const runtime = createRuntime();
const abandoning = createRuntime();

/** Until another request says so. A promise of that request would not do: it belongs to the request. */
const untilReleased = async (name) => {
  while (!released.has(name)) await wait(5);
};

const routes = {
  log: () => log,

  release: (name) => {
    released.add(name);
    return 'released';
  },

  waiting: (queue) => queues[queue].size,

  /** An operation of the request's own, which waits in the middle of each work. */
  async own(name) {
    const ran = [];
    await withOperation(name, async () => {
      for (let index = 0; index < 5; index++) {
        defer(async () => {
          await wait(2);
          ran.push(currentOperation()?.name);
        });
        await wait(1);
      }
    });
    return ran;
  },

  /** Answers before its operation has ended. */
  detached(how, milliseconds, context) {
    const operation = withOperation(async () => {
      defer(() => log.push(`detached, ${how}`));
      await wait(Number(milliseconds));
    });
    if (how === 'waitUntil') context.waitUntil(operation);
    return 'answered';
  },

  /** Answers, and leaves an operation behind that nobody waits for. */
  leave(name, milliseconds) {
    void abandoning.withOperation(name, async () => {
      abandoning.defer(() => log.push(`${name} ran`), { name: 'work' });
      await wait(Number(milliseconds));
    });
    return 'answered';
  },

  left: () => abandoning.shutdown({ grace: 400 }),

  /** A work that goes through a queue of all requests, and keeps its place until it is released. */
  async queued(queue, name, drainTimeout) {
    await withOperation({ concurrency: queues[queue], drainTimeout: Number(drainTimeout) }, () => {
      defer(async () => {
        log.push(`${name} started`);
        await untilReleased(name);
        log.push(`${name} ended`);
      });
    });
    return 'drained';
  },

  async live() {
    await runtime.withOperation(async () => {
      log.push('live');
      await untilReleased('live');
    });
    return 'ended';
  },

  shutdown() {
    log.push('shutting down');
    return runtime.shutdown({ grace: 20_000 });
  },
};

export const answer = (route, args, context) => routes[route](...args, context);
