import type { EndState, ModelOperation, ModelWork, OperationSettings, Shutdown } from './entities.js';

/**
 * All that one program has made, and the time. The model does not predict by itself: it is told of every call and of
 * everything that is entered, in the order in which that happens, says whether the contract allows it then, and at every
 * quiescent point what must have happened by then. So nothing has to be known of how many microtasks a thing takes, and
 * every order that the contract leaves open is accepted.
 */
export class World {
  /** In milliseconds of fake time. */
  now = 0;
  /** How many events of the schedule there have been. */
  step = 0;
  readonly operations: ModelOperation[] = [];
  readonly works: ModelWork[] = [];
  /** Operations that were seen to be sealed at once, and hand works to their root. */
  promoting: ModelOperation[] = [];
  shutdown: Shutdown | undefined;
  #entries = 0;
  /** What the contract forbids and has happened, or demands and has not. */
  readonly complaints: string[] = [];
  /** Questions that the contract leaves open and on whose answer the rest depends: the program is given up there. */
  readonly undecided = new Set<string>();

  complain(complaint: string): void {
    this.complaints.push(complaint);
  }

  /** Counts what is entered. */
  nextEntry(): number {
    this.#entries += 1;
    return this.#entries;
  }

  get live(): ModelOperation[] {
    return this.operations.filter(({ state }) => state !== 'closed');
  }
}

/** G22: one row for each work, in each ledger that it is in. */
export function record(operation: ModelOperation, work: ModelWork, state: EndState): void {
  operation.rows.push({ work, state });
}

/** G20, G21: a failure stops nothing and is kept. */
export function fail(operation: ModelOperation, error: unknown): void {
  const isLate = operation.cut?.isOver === true && operation.outcome !== undefined;
  (isLate ? operation.lateFailures : operation.failures).push(error);
}

export const defaults: Omit<OperationSettings, 'name'> = {
  order: 'fifo',
  concurrency: 1,
  drainTimeout: Infinity,
  maxPending: Infinity,
  workErrors: 'throw',
  hears: false,
  full: false,
};
