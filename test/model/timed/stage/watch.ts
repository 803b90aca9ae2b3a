import type { Settlement } from '../contract/settlement.js';

/** A promise of the library, and how the contract says that it settles. */
export interface Watch {
  readonly label: string;
  /** `undefined` as long as it has to be pending. */
  readonly expected: () => Settlement | undefined;
  /** What is wrong with how it has settled, if anything is. */
  readonly differs: (seen: PromiseSettledResult<unknown>, expected: Settlement) => string | undefined;
  seen: PromiseSettledResult<unknown> | undefined;
}

/** Settles with the very value or reason. */
export function differsInValue(
  seen: PromiseSettledResult<unknown>,
  expected: Settlement,
): string | undefined {
  if (expected.status === 'fails') return 'should have told of failures';
  if (expected.status === 'rejected') {
    const isSame = seen.status === 'rejected' && seen.reason === expected.reason;
    return isSame ? undefined : `should have rejected with ${String(expected.reason)}`;
  }
  const isSame = seen.status === 'fulfilled' && seen.value === expected.value;
  return isSame ? undefined : `should have fulfilled with ${String(expected.value)}`;
}

export const tell = (seen: PromiseSettledResult<unknown>): string =>
  seen.status === 'fulfilled'
    ? `fulfilled with ${String(seen.value)}`
    : `rejected with ${String(seen.reason)}`;
