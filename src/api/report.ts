/** The state in which a work item ends. Every item ends in exactly one of them (G22). */
export type EndState =
  'ran' | 'failed' | 'timed-out' | 'skipped' | 'cancelled' | 'replaced' | 'abandoned' | 'promoted';

/** What became of one work item: frozen plain data. */
export interface WorkReport {
  /** The `name` given to `defer`. */
  readonly name: string | undefined;
  /** How the item ended. */
  readonly state: EndState;
  /** What a failed item threw, or the reason with which the `signal` of a cancelled one was aborted. */
  readonly reason?: unknown;
  /** The name of the task that the item was bound to. */
  readonly task?: string;
  /** The `key` given to `defer`. */
  readonly key?: unknown;
  /** The stack of the call that registered the item, without a head line. Only with `trace: true`. */
  readonly trace?: string;
  /** Milliseconds from registration to the start, or to the end if it never started. Only with `report: 'full'`. */
  readonly waited?: number;
  /** Milliseconds from the start to the end, if it started. Only with `report: 'full'`. */
  readonly took?: number;
}

/** A work item that was queued when its operation was terminated. */
export interface AbandonedWork {
  /** The `name` given to `defer`, else that of the function. */
  readonly name: string | undefined;
  /** The name of the task that the item was bound to. */
  readonly task?: string;
  /** The stack of the call that registered the item, without a head line. Only with `trace: true`. */
  readonly trace?: string;
}

/** A work item or a resource's disposal that was running when its operation was terminated. */
export interface StuckWork extends AbandonedWork {
  /** How long it had run, in milliseconds. Known in operations with a `drainTimeout`. */
  readonly ranFor?: number;
}

/** An operation that had not ended when the grace of `shutdown` was over. */
export interface StuckOperation {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given where it was opened. */
  readonly name: string | undefined;
  /**
   * `open` if its function, a task or a nested operation was still running, `draining` if deferred work
   * was, `closed` if its own `drainTimeout` had ended it and its resources or discards had not settled.
   */
  readonly state: 'open' | 'draining' | 'closed';
  /** The work items that were running, in the order in which they started. They have been aborted. */
  readonly running: readonly StuckWork[];
  /** The work items that were queued and will not run. The `discard` of each is called. */
  readonly abandoned: readonly AbandonedWork[];
}

/** What `shutdown` resolves with: frozen plain data. */
export interface ShutdownReport {
  /** How many operations have ended by themselves since the call. */
  readonly ended: number;
  /** The operations that were terminated, in the order in which they were opened. */
  readonly stuck: readonly StuckOperation[];
}

/** One number for each end state. */
export type EndCounts = Readonly<Record<EndState, number>>;

/** The ledger of an operation: frozen plain data that accounts for every registered work item (G22). */
export interface OperationReport {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given where it was opened. */
  readonly name: string | undefined;
  /** Whether the operation's function fulfilled. Failed work does not make it a `'failure'`. */
  readonly outcome: 'success' | 'failure';
  /** How many work items were registered. `counts` sums to it once the operation is closed. */
  readonly registered: number;
  /** How many work items ended in each state. */
  readonly counts: EndCounts;
  /** One row for each work item, in the order in which they ended. Only with `report: 'full'`. */
  readonly works?: readonly WorkReport[];
}
