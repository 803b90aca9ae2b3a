// What a careful engineer writes without a library, as in bench/candidates/by-hand.mjs.
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();

export const defer = (work) => {
  storage.getStore().queue.push(work);
};

export const withOperation = (fn) => {
  const store = { queue: [] };
  return storage.run(store, async () => {
    const result = await fn();
    for (const work of store.queue) await work();
    return result;
  });
};

export const withLanes = (concurrency) => (fn) => {
  const store = { queue: [] };
  return storage.run(store, async () => {
    const result = await fn();
    let next = 0;
    const lane = async () => {
      while (next < store.queue.length) await store.queue[next++]();
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return result;
  });
};
