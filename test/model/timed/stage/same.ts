import type { ModelOperation } from '../contract/entities.js';
import { OwnError } from '../contract/timed-signal.js';

/** Whether it is the very value, or one of the library's own errors that is meant. */
export const isSame = (seen: unknown, expected: unknown): boolean =>
  expected instanceof OwnError ? expected.matches(seen) : seen === expected;

/** Each value that was thrown, once; in which order is not said, nor whether those are told that came too late. */
export function differsInErrors(
  errors: readonly unknown[],
  { failures, lateFailures }: Pick<ModelOperation, 'failures' | 'lateFailures'>,
): string | undefined {
  const difference = `tells of ${errors.map(String).join()}, not of ${failures.map(String).join()}`;
  const left = [...failures];
  for (const error of errors) {
    const index = left.findIndex((each) => isSame(error, each));
    if (index !== -1) left.splice(index, 1);
    else if (!lateFailures.includes(error)) return difference;
  }
  return left.length > 0 ? difference : undefined;
}
