// By hand, over a context of unctx.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createContext } from 'unctx';
import { nestedCalls } from './nested-calls.mjs';
import { runQueue } from './run-queue.mjs';

export const title = 'by hand, over unctx';
export const order = 'fifo';
export const peer = 'unctx';

export const load = ({ concurrency }) => {
  const context = createContext({ asyncContext: true, AsyncLocalStorage });
  const body = nestedCalls((work) => context.use().queue.push(work));
  return (plan) => {
    const store = { queue: [] };
    return context.callAsync(store, async () => {
      const result = await body(plan);
      if (concurrency > 1) await runQueue(store.queue, concurrency);
      else for (const work of store.queue) await work();
      return result;
    });
  };
};
