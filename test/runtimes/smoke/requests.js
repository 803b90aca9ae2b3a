// What one request to a worker does, for cases that need several of them: see request-cases.mjs.
import { createRuntime, currentOperation, defer, withOperation } from 'deferqueue';
import PQueue from 'p-queue';

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One isolate answers all requests, so they share these. */
const log = [];
const queues = { bounded: new PQueue({ concurrency: 1 }), unbounded: new PQueue({ concurrency: 1 }) };
const runtime = createRuntime();
const abandoning = createRuntime();

const routes = {
  log: () => log,

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

  left: () => abandoning.shutdown({ grace: 100 }),

  /** A work that goes through a queue of all requests. */
  async queued(queue, name, milliseconds, drainTimeout) {
    await withOperation({ concurrency: queues[queue], drainTimeout: Number(drainTimeout) }, () => {
      defer(async () => {
        log.push(`${name} started`);
        await wait(Number(milliseconds));
        log.push(`${name} ended`);
      });
    });
    return 'drained';
  },

  async live(milliseconds) {
    await runtime.withOperation(async () => {
      log.push('live');
      await wait(Number(milliseconds));
    });
    return 'ended';
  },

  shutdown: () => runtime.shutdown({ grace: 2000 }),
};

export const answer = (route, args, context) => routes[route](...args, context);
