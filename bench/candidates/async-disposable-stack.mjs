// The platform's own stack, carried by AsyncLocalStorage; the polyfill where the platform has none yet.
import { AsyncLocalStorage } from 'node:async_hooks';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'AsyncDisposableStack';
export const order = 'lifo';
export const peer = 'disposablestack';
export const peerNote = 'the polyfill, where Node.js has no AsyncDisposableStack of its own';
export const cannot = { w7: 'disposes of one after the other' };

const findStack = async () =>
  globalThis.AsyncDisposableStack ?? (await import('disposablestack/AsyncDisposableStack')).default;

export const load = async () => {
  const Stack = await findStack();
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
