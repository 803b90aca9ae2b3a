/** The state in which a work ends; every work ends in exactly one of them (G22). */
export type EndState =
  'ran' | 'failed' | 'timed-out' | 'skipped' | 'cancelled' | 'replaced' | 'abandoned' | 'promoted';

/** What became of one work: frozen plain data. */
export interface WorkReport {
  /** The `name` given to `defer`. */
  readonly name: string | undefined;
  /** How the work ended. */
  readonly state: EndState;
  /** What a failed work threw, or the reason with which the `signal` of a cancelled one was aborted. */
  readonly reason?: unknown;
  /** The name of the task that the work was bound to. */
  readonly task?: string;
  /** The `key` given to `defer`. */
  readonly key?: unknown;
  /** The stack of the call that registered it, without a head line; only with `trace: true`. */
  readonly trace?: string;
}

/** A work that was queued when its operation was cut short. */
export interface AbandonedWork {
  /** The `name` given to `defer`, else that of the function. */
  readonly name: string | undefined;
  /** The name of the task that the work was bound to. */
  readonly task?: string;
  /** The stack of the call that registered it, without a head line; only with `trace: true`. */
  readonly trace?: string;
}

/** A work that was running when its operation was cut short, or a resource whose disposal was. */
export interface StuckWork extends AbandonedWork {
  /** For how long it had run, in milliseconds; known in operations with a `drainTimeout`. */
  readonly ranFor?: number;
}

/** An operation that had not ended when the grace of `shutdown` was over. */
export interface StuckOperation {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given where it was opened. */
  readonly name: string | undefined;
  /**
   * What it was: `open` where its function, a task or a nested operation was still running, `draining` where works
   * were, `closed` where its own `drainTimeout` had cut it short and its resources or discards had not settled.
   */
  readonly state: 'open' | 'draining' | 'closed';
  /** The works that were running, which have been aborted, in the order in which they were entered. */
  readonly running: readonly StuckWork[];
  /** The works that were queued and will not run; the `discard` of each is called. */
  readonly abandoned: readonly AbandonedWork[];
}

/** What `shutdown` resolves with: frozen plain data. */
export interface ShutdownReport {
  /** How many operations have ended by themselves since the call. */
  readonly ended: number;
  /** Those that were cut short, in the order in which they were opened: none, if all has gone well. */
  readonly stuck: readonly StuckOperation[];
}

/** One number for each end state. */
export type EndCounts = Readonly<Record<EndState, number>>;

/** The ledger of an operation: frozen plain data, in which every work that was registered is accounted for (G22). */
export interface OperationReport {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given where it was opened. */
  readonly name: string | undefined;
  /** Whether the operation's function fulfilled. Failed works do not make it a `'failure'`. */
  readonly outcome: 'success' | 'failure';
  /** How many works were registered; `counts` sums to it once the operation is closed. */
  readonly registered: number;
  /** How many works ended in each state. */
  readonly counts: EndCounts;
  /** One row for each work in the order in which they ended; only with `report: 'full'`. */
  readonly works?: readonly WorkReport[];
}

/**
 * The ends of works that did not simply run, and the rows of all of them where they are kept. Most operations need none.
 * @internal
 */
export class Ledger {
  readonly #others = noCounts();
  readonly #rows: WorkReport[] | undefined;

  constructor(full: boolean) {
    this.#rows = full ? [] : undefined;
  }

  /** Counts a work that did not simply run. */
  end(report: WorkReport): void {
    this.#others[report.state]++;
    this.#rows?.push(report);
  }

  row(report: WorkReport): void {
    this.#rows?.push(report);
  }

  report(
    id: number,
    name: string | undefined,
    outcome: 'success' | 'failure',
    registered: number,
    ran: number,
  ): OperationReport {
    const counts = Object.freeze({ ...this.#others, ran });
    const report = { id, name, outcome, registered, counts };
    return Object.freeze(this.#rows ? { ...report, works: Object.freeze([...this.#rows]) } : report);
  }
}

const noCounts = (): Record<EndState, number> => ({
  ran: 0,
  failed: 0,
  'timed-out': 0,
  skipped: 0,
  cancelled: 0,
  replaced: 0,
  abandoned: 0,
  promoted: 0,
});
