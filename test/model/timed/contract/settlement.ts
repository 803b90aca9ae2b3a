import type { ModelFlush, ModelOperation, ModelTask, Outcome } from './entities.js';

/** All failures of works, with the value that the function fulfilled with. */
export interface WorkFailures {
  readonly operation: ModelOperation;
  readonly value: unknown;
}

/** How a promise settles: as that outcome, or with an error that the library makes of failures or of a cut. */
export type Settlement = Outcome | Failing;

interface Failing {
  readonly status: 'fails';
  /** Whether that is since it was cut, or since works failed. */
  readonly isCut: boolean;
  readonly failures: WorkFailures;
}

/** G21, G23: how the promise of an operation settles once it is sealed. `undefined` while it is pending. */
export function settlementOf(operation: ModelOperation): Settlement | undefined {
  const { state, outcome, failures, settings, cut } = operation;
  if (state !== 'closed' || outcome === undefined || cut?.isOver === false) return undefined;
  const isCut = isCutShort(operation);
  const isReported = outcome.status === 'rejected' || settings.workErrors === 'report';
  if (isReported || (failures.length === 0 && !isCut)) return outcome;
  return {
    status: 'fails',
    isCut,
    failures: { operation, value: outcome.value },
  };
}

/** Whether it was cut, and lost something by that. */
export function isCutShort({ cut }: ModelOperation): boolean {
  if (cut === undefined) return false;
  return !cut.wasOpen || cut.stuck.length > 0 || cut.abandoned.length > 0;
}

/**
 * What has been told to nobody becomes one process warning for the operation. Whether that includes a cut of which
 * `onWorkError` heard nothing, since no work was running, is not said.
 */
export function warningOf(
  operation: ModelOperation,
  { status }: Settlement,
): 'none' | 'may be' | 'has to be' {
  const { failures, settings } = operation;
  const hasFailed = failures.length > 0 || isCutShort(operation);
  if (!hasFailed || status === 'fails') return 'none';
  if (!settings.hears) return 'has to be';
  return failures.length === 0 ? 'may be' : 'none';
}

export const taskSettlement = ({ state, outcome }: ModelTask): Settlement | undefined =>
  state === 'closed' ? outcome : undefined;

export const flushSettlement = ({ isOver, entered }: ModelFlush): Settlement | undefined =>
  isOver ? { status: 'fulfilled', value: entered } : undefined;
