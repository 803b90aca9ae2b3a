import type { DrainTimeoutError, StuckWork } from 'deferqueue';
import type { Cut } from '../contract/entities.js';
import type { WorkFailures } from '../contract/settlement.js';
import { differsFromLedger } from './ledgers.js';
import { differsInErrors, isSame } from './same.js';

/** What is wrong with what was stuck. What a resource is called is not said; nor how long ago, where nobody measured. */
export function differsInStuck(
  told: readonly StuckWork[],
  { stuck, at }: Cut,
  isTimed: boolean,
): string | undefined {
  const rows = told.map(
    ({ name, task, ranFor }) => `${name} ${task} ${ranFor === undefined ? '' : Math.round(ranFor)}`,
  );
  const expected = stuck.map(({ name, task, since }, index) => {
    const ranFor = !isTimed && told[index]?.ranFor === undefined ? '' : at - since;
    return `${name ?? told[index]?.name} ${task} ${ranFor}`;
  });
  return rows.join() === expected.join()
    ? undefined
    : `tells of ${rows.join()} stuck, not of ${expected.join()}`;
}

/** What is wrong with a `DrainTimeoutError`. */
export function differsInCut(
  error: unknown,
  { operation, value }: Pick<WorkFailures, 'operation'> & { readonly value?: unknown },
): string | undefined {
  const { code, stuck, errors, value: given, report, cause } = (error ?? {}) as DrainTimeoutError;
  const { cut, settings } = operation;
  if (code !== 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' || cut === undefined)
    return `should tell of the drain's end, not ${String(error)}`;
  const difference = differsInErrors(errors, operation);
  if (difference !== undefined) return difference;
  if (value !== undefined && given !== value) return `has the value ${String(given)}`;
  const isShutdown = cut.reason.code === 'ERR_DEFERQUEUE_SHUTTING_DOWN';
  if (isShutdown ? !isSame(cause, cut.reason) : cause !== undefined) return `has the cause ${String(cause)}`;
  return (
    differsInStuck(stuck, cut, settings.drainTimeout !== Infinity) ?? differsFromLedger(report, operation)
  );
}
