import { format, inspect } from '../observability/inspect/index.js';

/**
 * Throws an error named `AssertionError` that lists what is alive, if any operation is: one that nobody has awaited or closed, with its
 * tasks and its works. What was opened before `deferqueue/testing` was imported is not known.
 *
 * @example
 * afterEach(() => assertNothingPending());
 */
export const assertNothingPending = (): void => {
  const alive = inspect();
  if (alive.counts.operations === 0) return;
  const error = new Error(`Expected nothing to be pending, but there is:\n${format(alive)}`);
  Error.captureStackTrace(error, assertNothingPending);
  // That of node:assert opens stderr when it is loaded, which an import must not do.
  throw Object.assign(error, { name: 'AssertionError', code: 'ERR_ASSERTION' });
};
