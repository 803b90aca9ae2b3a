import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextCarrier } from 'deferqueue';

const storage = new AsyncLocalStorage<unknown>();

/**
 * The carrier of the runtimes of all programs. Each program has a runtime of its own, so that shutting one down does not
 * touch the others; but a storage for each would be kept by Node 20 for good, and slow every promise that follows.
 */
export const sharedCarrier: ContextCarrier = {
  get: () => storage.getStore(),
  run: (value, fn, first, second) => storage.run(value, fn, first, second),
};
