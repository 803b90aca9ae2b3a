// The library, as it is built.
import { nestedCalls } from './nested-calls.mjs';

export const title = 'deferqueue';
export const order = 'fifo';

export const load = async ({ library, concurrency }) => {
  const { defer, withOperation } = await import(library);
  const body = nestedCalls((work) => defer(work));
  if (concurrency === 1) return (plan) => withOperation(() => body(plan));
  const options = { concurrency };
  return (plan) => withOperation(options, () => body(plan));
};
