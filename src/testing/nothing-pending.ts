import { AssertionError } from 'node:assert';
import { format, inspect } from '../inspect/index.js';

/**
 * Throws an `AssertionError` that lists what is alive, if any operation is: one that nobody has awaited or closed, with its tasks and
 * its works. What was opened before `deferqueue/testing` was imported is not known.
 *
 * @example
 * afterEach(() => assertNothingPending());
 */
export const assertNothingPending = (): void => {
  const alive = inspect();
  if (alive.counts.operations === 0) return;
  throw new AssertionError({
    message: `Expected nothing to be pending, but there is:\n${format(alive)}`,
    actual: alive.counts.operations,
    expected: 0,
    operator: 'assertNothingPending',
    stackStartFn: assertNothingPending,
  });
};
