// A library whose costs are known: what a careful engineer writes without one.
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();

export const defer = (work) => {
  storage.getStore().push(work);
};

export const withOperation = (fn) => {
  const queue = [];
  return storage.run(queue, async () => {
    await fn();
    for (const work of queue) await work();
  });
};
