// The library through the handle that hosts use: the boundary is a call of `close`, not the end of a function.
import { nestedCalls } from './nested-calls.mjs';

export const title = 'deferqueue, `openOperation`';
export const order = 'fifo';

export const load = async ({ library }) => {
  const { defer, openOperation } = await import(library);
  const body = nestedCalls((work) => defer(work));
  return async (plan) => {
    const operation = openOperation();
    await operation.run(() => body(plan));
    await operation.close();
  };
};
