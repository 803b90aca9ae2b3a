import type { DeferOptions, UseOptions } from './options.js';
import type { Outcome } from './outcome.js';
import type { EndState, OperationReport, WorkReport } from './report.js';

/** `open` until the boundary, `draining` until the seal, then `closed`. */
export type OperationState = 'open' | 'draining' | 'closed';

/** `queued`, `running`, then an end state. A promoted item is `queued` again, at the root. */
export type WorkState = 'queued' | 'running' | Exclude<EndState, 'promoted'>;

/** Why a work item will never run: the first argument of `discard` (G19). */
export type DiscardReason = 'skipped' | 'cancelled' | 'replaced' | 'abandoned';

/** What the function of a work item receives. */
export interface Work<D = undefined> {
  /** The copy of `options.data` that was taken at registration. It is released once the item has settled. */
  readonly data: D;
  /** How the operation's function settled (with `until: 'task'` the task's). `undefined` in flushed work. */
  readonly outcome: Outcome | undefined;
  /**
   * Fresh for this item, never aborted because the operation was (G15). It aborts with the item's
   * `timeout`, the operation's `drainTimeout` and `drainSignal`, the grace of `shutdown` and the `signal` option.
   */
  readonly signal: AbortSignal;
  /** The `name` given to `defer`. */
  readonly name: string | undefined;
  /** The operation whose boundary runs the item. */
  readonly operation: Operation;
  /** The task that the item is bound to. */
  readonly task: Task | undefined;
}

/** The handle of one work item, returned by `defer`. */
export interface Deferred {
  /** The `name` given to `defer`. */
  readonly name: string | undefined;
  /** `queued`, `running`, then permanently the state in which the item ended (G22). */
  readonly state: WorkState;
  /** Cancels the item if it is still queued. Returns whether it was; its `discard` has then been called. */
  cancel(): boolean;
  /** Resolves with what became of the item. It never rejects. */
  readonly settled: Promise<WorkReport>;
}

/** A named participant of an operation, with its own context and queues. */
export interface Task {
  /** Counted up in the order in which tasks start. */
  readonly id: number;
  /** The `name` given to `withTask`. */
  readonly name: string | undefined;
  /** The operation that the task is part of. */
  readonly operation: Operation;
  /** `open` while its function runs, `draining` while its `until: 'task'` work does, then `closed`. */
  readonly state: OperationState;
  /** Follows the operation's signal. It aborts with the reason when the task's function rejects. */
  readonly signal: AbortSignal;
}

/** One async call tree with a boundary. */
export interface Operation {
  /** Counted up in the order in which operations are opened. */
  readonly id: number;
  /** The `name` given where it was opened. */
  readonly name: string | undefined;
  /** The operation that this one is nested in. It waits for this one. */
  readonly parent: Operation | undefined;
  /** The outermost operation; the operation itself if it has no parent. */
  readonly root: Operation;
  /** `open` until the boundary, `draining` until the seal, then `closed`. */
  readonly state: OperationState;
  /** Aborts with the function's reason when it rejects, with the `signal` option, and with the parent's signal. */
  readonly signal: AbortSignal;
  /** How many work items are queued in the operation and its tasks. Running ones and resources do not count. */
  readonly pending: number;
  /**
   * Calls `fn` at once with this operation as the current one, and returns what it returns. In an operation
   * opened with `openOperation`, `close()` waits for a promise that `fn` returns.
   */
  run<R>(fn: () => R): R;
  /** Returns `fn` with this operation as the current one whenever it is called. `this`, `name` and `length` are kept. */
  bind<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R;
  /** Defers to this operation's own queue, whichever operation is current. The work runs in the caller's context. */
  defer<D = undefined>(run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred;
  /** Keeps a resource until the end of this operation's drain, whichever operation is current. */
  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R, options?: UseOptions): R;
  /** Flushes this operation's own queue, whichever operation is current. */
  flush(): Promise<number>;
}

/** An operation whose boundary is not the end of a function. Only the caller of `openOperation` holds it. */
export interface OpenOperation extends Operation, AsyncDisposable {
  /**
   * Makes the outcome a failure and aborts `signal` with the reason. The first call wins; later calls do
   * nothing. After a boundary without `fail` it throws `OperationClosedError`
   * (`ERR_DEFERQUEUE_OPERATION_CLOSED`).
   */
  fail(reason: unknown): void;
  /**
   * Reaches the boundary: waits for tasks, nested operations and pending `run`s, drains, and resolves with
   * the report. It rejects as `withOperation` would, but resolves after `fail`. A second call returns the
   * same promise. Called from the operation's own deferred work it rejects with `DrainInProgressError`
   * (`ERR_DEFERQUEUE_DRAIN_IN_PROGRESS`), since it would wait for itself.
   */
  close(): Promise<OperationReport>;
}

/** What `settleOperation` resolves with. */
export interface SettledOperation<T> {
  /** How the function settled: with its value or with its reason. Failed work does not change it. */
  readonly outcome: Outcome<T>;
  /** What became of every work item. With `report: 'full'` its rows have what failed items threw. */
  readonly report: OperationReport;
}

/** Wraps the functions of a runtime's operations and work items (see `Runtime.intercept`). */
export interface Interceptor {
  /**
   * Called instead of the function of an operation opened with `withOperation` or `settleOperation`, inside
   * the operation; `run` calls that function. What it returns or throws counts as what the function did.
   */
  operation?(operation: Operation, run: () => unknown): unknown;
  /**
   * Called instead of the function of a work item, in its context; `run` calls that function. What it
   * returns or throws counts as what the item did. It may call `run` again for another try. An item for
   * which it never calls `run` counts as run.
   */
  work?(work: Work<unknown>, run: () => unknown): unknown;
}
