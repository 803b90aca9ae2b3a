import type { Outcome } from './outcome.js';
import type { EndState, OperationReport, ShutdownReport, WorkReport } from './report.js';

/** `open` until the boundary, `draining` until the seal, then `closed` (see docs/lifecycle.md). */
export type OperationState = 'open' | 'draining' | 'closed';

/** `queued`, `running`, then an end state. A promoted work is `queued` again, at the root. */
export type WorkState = 'queued' | 'running' | Exclude<EndState, 'promoted'>;

/** Why a work will never run, as its `discard` hears it (G19). */
export type DiscardReason = 'skipped' | 'cancelled' | 'replaced' | 'abandoned';

/**
 * What the library uses of a `PQueue` from p-queue 9 or 10 that is given as `concurrency`.
 */
export interface JobQueue {
  /** How many jobs the queue runs at once. */
  readonly concurrency: number;
  /** How many jobs wait. */
  readonly size: number;
  /** Whether the queue starts no job; a drain waits for it to go on, and says so in a process warning. */
  readonly isPaused: boolean;
  /** The timeout of works that have none of their own, in milliseconds. */
  readonly timeout?: number | undefined;
  /** Takes a job, and settles with it. What a drain adds starts one work, or goes on with the next in its place. */
  add(job: () => PromiseLike<unknown> | undefined, options?: object): Promise<unknown>;
}

/** Options of `withOperation`, `settleOperation` and `openOperation`. None is inherited by nested operations. */
export interface OperationOptions {
  /** Names the operation in reports and errors. */
  name?: string | undefined;
  /**
   * What to do inside another operation: `nested` opens a child with a boundary of its own, which the
   * enclosing operation waits for; `join` runs inside the enclosing operation, without a boundary;
   * `detached` opens a new root that nobody waits for (G17).
   *
   * @default 'nested'
   */
  nesting?: 'nested' | 'join' | 'detached' | undefined;
  /**
   * The order of the operation's own queue. Task queues are always first in, first out (G7).
   *
   * @default 'fifo'
   */
  order?: 'fifo' | 'lifo' | undefined;
  /**
   * How many works run at once in a drain of this operation: a whole number from 1, or `Infinity`, with which every
   * ready work starts in the turn of the boundary. They start in order; a task's works overlap only as far as the
   * task's own `concurrency` allows (G11). A `PQueue` (p-queue 9 or 10) in place of the number shares its limits, its rate
   * limit too, among all who use it; while it is paused the drain waits and says so in a process warning, and what
   * is cleared from it is queued there again. Operations nested inside works can deadlock on a full queue that they share.
   *
   * @default 1
   */
  concurrency?: number | JobQueue | undefined;
  /** Aborts `operation.signal`, and nothing else: the operation goes on until its function settles. */
  signal?: AbortSignal | undefined;
  /**
   * How long the drain at the boundary may take, in milliseconds. Then running works are aborted and end as
   * `timed-out`, queued ones are `abandoned`, and the operation is closed with `DrainTimeoutError`
   * (`ERR_DEFERQUEUE_DRAIN_TIMEOUT`). Resources are disposed even then, and waited for at most once more as long (G23).
   *
   * @default Infinity
   */
  drainTimeout?: number | undefined;
  /**
   * How many works may be queued in the operation and its tasks; one more makes `defer` throw
   * `QueueFullError` (G24). `0` allows none.
   *
   * @default Infinity
   */
  maxPending?: number | undefined;
  /**
   * How long a chain of works that defer works may get; one more makes `defer` throw `DeferChainError` (G8).
   *
   * @default 1000
   */
  maxChain?: number | undefined;
  /**
   * Whether failed works make an operation reject whose function fulfilled (G21).
   *
   * @default 'throw'
   */
  workErrors?: 'throw' | 'report' | undefined;
  /**
   * Hears every failure of a work exactly once, in every mode, with the very value that was thrown. If it
   * throws, or the promise it returns rejects, that becomes a process warning.
   */
  onWorkError?: ((error: unknown, work: WorkReport) => unknown) | undefined;
  /**
   * `full` adds one row for each work to the report.
   *
   * @default 'counts'
   */
  report?: 'counts' | 'full' | undefined;
  /**
   * Whether the stack of each registration is kept, for errors, reports and subscribers: for debugging, since a stack costs more than
   * all the rest of a `defer`.
   *
   * @default false
   */
  trace?: boolean | undefined;
}

/** Options of `withTask`. */
export interface TaskOptions {
  /** Names the task in reports and errors. */
  name?: string | undefined;
  /**
   * How many works of this task run at once, within what the operation's `concurrency` allows: a whole number
   * from 1, or `Infinity` (G11).
   *
   * @default 1
   */
  concurrency?: number | undefined;
}

/** What both kinds of options of `defer` have. */
interface DeferBasics<D> {
  /** Names the work in reports and errors. */
  name?: string | undefined;
  /** What the work receives as `work.data`: a `structuredClone` of it, taken at the call (G5). */
  data?: D;
  /**
   * The outcome under which the work runs; under any other it is skipped and discarded in its turn (G16).
   *
   * @default 'always'
   */
  on?: 'success' | 'failure' | 'always' | undefined;
  /**
   * The boundary that the work waits for: the current task's, the current operation's, or the outermost
   * operation's (G7, G18).
   *
   * @default 'operation'
   */
  until?: 'task' | 'operation' | 'root' | undefined;
  /**
   * Binds the work to another task of the same operation, in whose context it then runs, or with `null` to the
   * operation itself (G2).
   *
   * @default the current task
   */
  task?: Task | null | undefined;
  /**
   * Called in place of `run` when the work will never run (G19), in its registration context; the drain
   * waits for it. What it throws counts as a failure of the work.
   */
  discard?: ((reason: DiscardReason, data: NoInfer<D>) => unknown) | undefined;
  /** Cancels the work while it is queued; aborts `work.signal` while it runs. */
  signal?: AbortSignal | undefined;
  /**
   * How long the work may run, in milliseconds. Then `work.signal` aborts, the work ends as `timed-out`, which is a
   * failure with `WorkTimeoutError` (`ERR_DEFERQUEUE_WORK_TIMEOUT`), and the drain goes on; what the work does later is
   * dropped (G23).
   *
   * @default Infinity
   */
  timeout?: number | undefined;
  /**
   * What to do where there is no operation: throw `NoOperationError`, or run the work at once (G3).
   *
   * @default 'throw'
   */
  outside?: 'throw' | 'run' | undefined;
}

/** A work with a key becomes one with its twin: a queued work of the same queue with equal `key`, `on` and `until` (G27). */
interface DeferKeyed<D> extends DeferBasics<D> {
  /** Compared as `Map` compares its keys. Anything but `null`. */
  key: unknown;
  /**
   * Which of the twins stays: `first` the earlier, `last` the later, a function the later with what it makes of
   * the data of both. It receives the works' own copies, which it may change, and its result is not copied again.
   *
   * @default 'last'
   */
  coalesce?: 'first' | 'last' | ((earlier: NoInfer<D>, later: NoInfer<D>) => NoInfer<D>) | undefined;
}

/** A work without a key is never coalesced. */
interface DeferUnkeyed<D> extends DeferBasics<D> {
  /** Without a key nothing is coalesced. */
  key?: undefined;
  /** Needs a `key`. */
  coalesce?: undefined;
}

/** Options of `defer`. `coalesce` needs a `key`. */
export type DeferOptions<D = undefined> = DeferKeyed<D> | DeferUnkeyed<D>;

/** What the function of a work receives. */
export interface Work<D = undefined> {
  /** The copy of `options.data` that was taken at registration; released once the work has settled. */
  readonly data: D;
  /** How the function of the operation settled (of the task, with `until: 'task'`); `undefined` in a flushed work. */
  readonly outcome: Outcome | undefined;
  /**
   * Fresh for this work, never aborted because the operation was (G15): aborts when the work's `timeout`, the operation's
   * `drainTimeout` or the grace of `shutdown` is over, and with the `signal` option.
   */
  readonly signal: AbortSignal;
  /** The `name` given to `defer`. */
  readonly name: string | undefined;
  /** The operation whose boundary runs the work. */
  readonly operation: Operation;
  /** The task that the work is bound to. */
  readonly task: Task | undefined;
}

/** What `defer` returns: the handle of one work. */
export interface Deferred {
  /** The `name` given to `defer`. */
  readonly name: string | undefined;
  /** `queued`, `running`, then for good the state in which the work ended (G22). */
  readonly state: WorkState;
  /** Cancels the work if it is still queued. Returns whether it was; its `discard` has then been called. */
  cancel(): boolean;
  /** Resolves with what became of the work, and never rejects. */
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
  /** Follows the operation's signal, and is aborted with the reason when the task's function rejects. */
  readonly signal: AbortSignal;
}

/** One async call tree with a boundary. */
export interface Operation {
  /** Counted up in the order in which operations are opened. */
  readonly id: number;
  /** The `name` given where it was opened. */
  readonly name: string | undefined;
  /** The operation that this one is nested in and that waits for it. */
  readonly parent: Operation | undefined;
  /** The outermost operation; the operation itself where it has no parent. */
  readonly root: Operation;
  /** `open` until the boundary, `draining` until the seal, then `closed`. */
  readonly state: OperationState;
  /** Aborted with the function's reason when it rejects, by the `signal` option, and as the parent's is. */
  readonly signal: AbortSignal;
  /** How many works are queued in the operation and its tasks: not running ones, not resources. */
  readonly pending: number;
  /**
   * Calls `fn` at once with this operation as the current one, and returns what it returns. In an operation that
   * was opened with `openOperation`, `close()` waits for a promise that `fn` returns.
   */
  run<R>(fn: () => R): R;
  /** `fn` with this operation as the current one whenever, and from wherever, it is called; `this` is kept. */
  bind<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R;
  /** `defer` to this operation's own queue, whatever is current; the work runs in the caller's context. */
  defer<D = undefined>(run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred;
  /** `use` in this operation, whatever is current. */
  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R;
  /** `flush` of this operation's own queue, whatever is current. */
  flush(): Promise<number>;
}

/** An operation whose boundary is not a function's end. Only who opened it holds this object. */
export interface OpenOperation extends Operation, AsyncDisposable {
  /**
   * Makes the outcome a failure and aborts `signal` with the reason. The first call wins, and later ones do
   * nothing. Where the boundary has come without one, it throws `OperationClosedError`
   * (`ERR_DEFERQUEUE_OPERATION_CLOSED`).
   */
  fail(reason: unknown): void;
  /**
   * The boundary: waits for tasks, nested operations and pending `run`s, drains, and resolves with the report.
   * It rejects as `withOperation` would, but after `fail` it resolves. A second call returns the same promise.
   * Called from one of the operation's own works it rejects with `DrainInProgressError`
   * (`ERR_DEFERQUEUE_DRAIN_IN_PROGRESS`), since it would wait for itself.
   */
  close(): Promise<OperationReport>;
}

/** What `settleOperation` resolves with. */
export interface SettledOperation<T> {
  /** How the function settled: with its value or with its reason. Failed works do not change it. */
  readonly outcome: Outcome<T>;
  /** What became of every work; what they failed with is in its rows with `report: 'full'`. */
  readonly report: OperationReport;
}

/** What goes around the functions of a runtime's operations and works (see `Runtime.intercept`). */
export interface Interceptor {
  /**
   * Called in place of the function of an operation that is opened with `withOperation` or `settleOperation`, inside the operation;
   * `run` calls that function. What it returns or throws is what the function did, as far as the operation is concerned.
   */
  operation?(operation: Operation, run: () => unknown): unknown;
  /**
   * Called in place of the function of a work, in its context; `run` calls that function. What it returns, throws or rejects with
   * is what the work did: `run` may be called again for another try, and a work for which it is not called counts as run.
   */
  work?(work: Work<unknown>, run: () => unknown): unknown;
}

/** One set of the library's functions, bound to one carrier. The package exports those of a process-wide default. */
export interface Runtime {
  /**
   * Runs `fn` as an operation: calls it at once, waits for it, for every task and for every nested operation
   * started in it, drains the queues, and only then settles (G6–G8).
   *
   * It rejects with the function's own reason, by identity. If the function fulfilled and works failed, it rejects
   * with `DeferredWorkError` (`ERR_DEFERQUEUE_DEFERRED_WORK`), which has the value, unless `workErrors: 'report'` (G21).
   * Bad arguments reject with a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
   *
   * @example
   * await withOperation('checkout', async () => {
   *   defer(() => mailer.send(receipt), { on: 'success' });
   *   await chargeCard();
   * });
   */
  withOperation<T>(this: void, fn: (operation: Operation) => T | PromiseLike<T>): Promise<T>;
  /**
   * Runs `fn` as an operation with a name or options: calls it at once, waits for it, for every task and for every nested
   * operation started in it, drains the queues, and only then settles (G6–G8). Everything else is as without options, save
   * that what works fail with does not reject with `workErrors: 'report'`, that a drain which does not end within
   * `drainTimeout` rejects with `DrainTimeoutError` (`ERR_DEFERQUEUE_DRAIN_TIMEOUT`, G23), and that `nesting: 'join'` inside
   * another operation has no boundary of its own (G17).
   */
  withOperation<T>(
    this: void,
    nameOrOptions: string | OperationOptions,
    fn: (operation: Operation) => T | PromiseLike<T>,
  ): Promise<T>;

  /**
   * As `withOperation`, but never rejects because of `fn` or a work: it resolves with the outcome of the function and
   * the report of the operation. With `nesting: 'join'` the report is the enclosing operation's so far.
   */
  settleOperation<T>(
    this: void,
    nameOrOptions: string | OperationOptions,
    fn: (operation: Operation) => T | PromiseLike<T>,
  ): Promise<SettledOperation<T>>;

  /**
   * Opens an operation whose boundary is not a function's end. It is current only inside its `run` and `bind`, and
   * lives until `close()`: whoever opens it has to close it, since an enclosing operation waits for that.
   */
  openOperation(this: void, nameOrOptions?: string | OperationOptions): OpenOperation;

  /**
   * Runs `fn` as a task of the current operation: calls it at once with the task, which is current inside it, then runs
   * the task's `until: 'task'` work, and settles as the function did. What its works fail with is the operation's to tell.
   * Rejects with `NoOperationError` (`ERR_DEFERQUEUE_NO_OPERATION`) outside any operation, with `OperationClosedError`
   * (`ERR_DEFERQUEUE_OPERATION_CLOSED`) after the seal.
   */
  withTask<T>(
    this: void,
    nameOrOptions: string | TaskOptions,
    fn: (task: Task) => T | PromiseLike<T>,
  ): Promise<T>;

  /**
   * Registers work for the boundary of the current task's operation: it runs exactly once, in the async context of
   * this call, or is discarded (G1–G5, G13, G19). Returns its handle.
   *
   * Throws, and then nothing is registered: `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`),
   * `DataCloneError` for `data` that cannot be copied, `NoOperationError` (`ERR_DEFERQUEUE_NO_OPERATION`) outside any
   * operation, `NoTaskError` (`ERR_DEFERQUEUE_NO_TASK`), `OperationClosedError` (`ERR_DEFERQUEUE_OPERATION_CLOSED`) after
   * the seal, `DeferChainError` (`ERR_DEFERQUEUE_DEFER_CHAIN`), `QueueFullError` (`ERR_DEFERQUEUE_QUEUE_FULL`).
   *
   * The idea is that of Linux checkpoint/restart's deferqueue: data copied at registration, everything run at the
   * end of the operation.
   */
  defer<D = undefined>(this: void, run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred;

  /**
   * Keeps a resource until the end of the current operation's drain, and disposes it then: the last acquired first, each
   * awaited, all in spite of failures, `Symbol.asyncDispose` before `Symbol.dispose` (G7). Returns the resource. The idea is
   * `AsyncDisposableStack`'s. Throws as `defer` does; `null` and `undefined` register nothing.
   */
  use<R extends Disposable | AsyncDisposable | null | undefined>(this: void, resource: R): R;

  /**
   * An early boundary: runs the queued `always` work of the current task, or outside a task of the operation's own queue,
   * and what it adds there, and resolves with how many were entered (G12). Rejects with `DrainInProgressError`
   * (`ERR_DEFERQUEUE_DRAIN_IN_PROGRESS`) while that queue is being drained.
   */
  flush(this: void): Promise<number>;

  /** The operation that the caller is in, also after it has ended. */
  currentOperation(this: void): Operation | undefined;

  /** The task that the caller is in. */
  currentTask(this: void): Task | undefined;

  /**
   * Ends the runtime: from the call on, opening a root operation is `ShuttingDownError` (`ERR_DEFERQUEUE_SHUTTING_DOWN`);
   * operations nested in a live one may still be opened. Resolves when every live operation has settled, with what became
   * of them. After `grace` milliseconds those that have not are cut short: running works are aborted and end as
   * `timed-out`, queued ones as `abandoned`, resources are disposed (waited for at most once more `grace`), and the report
   * names them (G23a). `grace` is `Infinity` unless given.
   *
   * Never rejects, but for bad options (`ERR_DEFERQUEUE_INVALID_ARGUMENT`). Later calls return the same promise. Inside an
   * operation it must not be awaited: it would wait for that operation.
   */
  shutdown(this: void, options?: { grace?: number | undefined }): Promise<ShutdownReport>;

  /**
   * Puts something around the functions of operations and works from here on, for what cannot be done by listening alone: another
   * context, a retry, a time. The first one that was given is outermost. Returns what takes it away again. Without any, it costs nothing.
   * Throws for anything but an object with the functions `operation` or `work` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
   *
   * @example
   * const stop = intercept({ work: (work, run) => metrics.time(work.name, run) });
   */
  intercept(this: void, interceptor: Interceptor): () => void;
}
