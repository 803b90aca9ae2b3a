// The platform's own stack, carried by AsyncLocalStorage; the polyfill where the platform has none yet.
import { AsyncLocalStorage } from 'node:async_hooks';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'AsyncDisposableStack';
export const order = 'lifo';
export const peer = 'disposablestack';
export const lacks = 'G7, G8, G13';

export const load = async () => {
  const Stack =
    globalThis.AsyncDisposableStack ?? (await import('disposablestack/AsyncDisposableStack')).default;
  const storage = new AsyncLocalStorage();
  const body = nestedCalls((work) => storage.getStore().defer(work));
  return (plan) => {
    const stack = new Stack();
    return storage.run(stack, async () => {
      try {
        return await body(plan);
      } finally {
        await stack.disposeAsync();
      }
    });
  };
};
