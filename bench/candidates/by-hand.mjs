// What a careful engineer writes without a library: the base of all ratios.
import { AsyncLocalStorage } from 'node:async_hooks';
import { nestedCalls } from './nested-calls.mjs';
import { runQueue } from './run-queue.mjs';

export const title = 'by hand';
export const order = 'fifo';

export const load = ({ concurrency }) => {
  const storage = new AsyncLocalStorage();
  const body = nestedCalls((work) => storage.getStore().queue.push(work));
  if (concurrency > 1) {
    return (plan) => {
      const store = { queue: [] };
      return storage.run(store, async () => {
        const result = await body(plan);
        await runQueue(store.queue, concurrency);
        return result;
      });
    };
  }
  return (plan) => {
    const store = { queue: [] };
    return storage.run(store, async () => {
      const result = await body(plan);
      for (const work of store.queue) await work();
      return result;
    });
  };
};
