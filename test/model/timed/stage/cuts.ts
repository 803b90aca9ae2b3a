import type { DrainTimeoutError, StuckWork } from 'deferqueue';
import type { Cut, OperationSettings } from '../contract/entities.js';
import type { WorkFailures } from '../contract/settlement.js';
import { differsFromLedger } from './ledgers.js';
import { differsInErrors, isSame } from './same.js';

/**
 * What is wrong with what was stuck. What a resource is called is not said; nor how long ago it was entered, and what before,
 * where there is no `drainTimeout`, so that nobody measures. Works of one moment are compared as a set.
 */
export function differsInStuck(
  told: readonly StuckWork[],
  { stuck, at }: Cut,
  { drainTimeout }: OperationSettings,
): string | undefined {
  const isTimed = drainTimeout !== Infinity;
  const times = told.map(({ ranFor = 0 }) => Math.round(ranFor));
  if (isTimed && times.some((time, index) => time > (times[index - 1] ?? Infinity)))
    return `tells of ${times.join()} ms in that order`;
  const rows = told.map(({ name, task }, index) => `${nameOf(name)} ${task} ${isTimed ? times[index] : ''}`);
  const expected = stuck.map(({ name, task, since }) => `${name} ${task} ${isTimed ? at - since : ''}`);
  if (rows.toSorted().join() === expected.toSorted().join()) return undefined;
  return `tells of ${rows.join()} stuck, not of ${expected.join()}`;
}

/** The name of a work; resources have none that the model knows. */
const nameOf = (name: string | undefined): string | undefined => (name?.startsWith('w') ? name : undefined);

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
  return differsInStuck(stuck, cut, settings) ?? differsFromLedger(report, operation);
}
