// A paused queue for each operation, started at its end, and carried by AsyncLocalStorage as the stack of async-disposable-stack is.
import { AsyncLocalStorage } from 'node:async_hooks';
import PQueue from 'p-queue';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'p-queue';
export const order = 'fifo';
export const peer = 'p-queue';
export const lacks = 'G13, G16, G21';

export const load = () => {
  const storage = new AsyncLocalStorage();
  const body = nestedCalls((work) => {
    const { queue, added } = storage.getStore();
    added.push(queue.add(work));
  });
  return (plan) => {
    const queue = new PQueue({ concurrency: 1, autoStart: false });
    /** @type {Promise<unknown>[]} */
    const added = [];
    return storage.run({ queue, added }, async () => {
      const result = await body(plan);
      queue.start();
      await Promise.all(added);
      return result;
    });
  };
};
