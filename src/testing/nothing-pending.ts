import { format, inspect } from '../observability/inspect/index.js';

/**
 * Throws an error named `AssertionError` if any operation is alive, usually because it was not awaited
 * or closed. The message lists the operations with their tasks and work items. Operations opened
 * before `deferqueue/testing` was imported may be missing.
 *
 * @example
 * afterEach(() => assertNothingPending());
 */
export const assertNothingPending = (): void => {
  const alive = inspect();
  if (alive.counts.operations === 0) return;
  const error = new Error(`Expected nothing to be pending, but there is:\n${format(alive)}`);
  Error.captureStackTrace(error, assertNothingPending);
  // Loading node:assert opens stderr, which an import must not do.
  throw Object.assign(error, { name: 'AssertionError', code: 'ERR_ASSERTION' });
};
