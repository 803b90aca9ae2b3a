import type { DeferredWorkError } from 'deferqueue';
import type { Settlement, WorkFailures } from '../contract/settlement.js';
import { differsInCut } from './cuts.js';
import { differsFromLedger } from './ledgers.js';
import { differsInErrors } from './same.js';
import { differsInValue } from './watch.js';

export function differsInFailures(
  error: unknown,
  { operation }: Pick<WorkFailures, 'operation'>,
): string | undefined {
  const { code, errors, report } = (error ?? {}) as DeferredWorkError;
  if (code !== 'ERR_DEFERQUEUE_DEFERRED_WORK') return `should tell of failed works, not ${String(error)}`;
  const difference = differsInErrors(errors, operation);
  if (difference !== undefined) return difference;
  return differsFromLedger(report, operation);
}

/** What is wrong with how `withOperation` has settled. */
export function differsInOperation(
  seen: PromiseSettledResult<unknown>,
  expected: Settlement,
): string | undefined {
  if (expected.status !== 'fails') return differsInValue(seen, expected);
  if (seen.status === 'fulfilled') return 'should have rejected, since works failed';
  if (expected.isCut) return differsInCut(seen.reason, expected.failures);
  const { value } = seen.reason as DeferredWorkError;
  if (value !== expected.failures.value) return `has the value ${String(value)}`;
  return differsInFailures(seen.reason, expected.failures);
}
