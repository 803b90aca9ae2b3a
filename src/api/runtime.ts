import type { DeferOptions, OperationOptions, ShutdownOptions, TaskOptions, UseOptions } from './options.js';
import type { ShutdownReport } from './report.js';
import type {
  Deferred,
  Interceptor,
  OpenOperation,
  Operation,
  SettledOperation,
  Task,
  Work,
} from './types.js';

/** One set of the library's functions, bound to one carrier. The package exports a process-wide default. */
export interface Runtime {
  /**
   * Runs `fn` as an operation: calls it at once, waits for it and for every task and nested operation
   * started in it, drains the queues, and only then settles (G6–G8).
   *
   * It resolves with what `fn` returns and rejects with `fn`'s own reason, by identity. If `fn` fulfilled
   * and deferred work failed, it rejects with `DeferredWorkError` (`ERR_DEFERQUEUE_DEFERRED_WORK`), which
   * has the value; set `workErrors: 'report'` to get the value instead (G21). Bad arguments reject with a
   * `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
   *
   * @example
   * await withOperation(async () => {
   *   defer(() => mailer.send(receipt), { on: 'success' });
   *   await chargeCard();
   * });
   */
  withOperation<T>(this: void, fn: (operation: Operation) => T | PromiseLike<T>): Promise<T>;
  /**
   * Runs `fn` as an operation with a name or with options. It differs from `withOperation(fn)` as the
   * options say: `workErrors: 'report'` keeps failed work from rejecting, a drain longer than `drainTimeout`
   * rejects with `DrainTimeoutError` (`ERR_DEFERQUEUE_DRAIN_TIMEOUT`, G23), one that `drainSignal` ends with
   * `DrainAbortedError` (`ERR_DEFERQUEUE_DRAIN_ABORTED`), and inside another operation
   * `nesting: 'join'` and `nesting: 'savepoint'` have no boundary of their own (G17).
   *
   * @example
   * await withOperation('checkout', async () => {
   *   defer(() => mailer.send(receipt), { on: 'success' });
   *   await chargeCard();
   * });
   */
  withOperation<T>(
    this: void,
    nameOrOptions: string | OperationOptions,
    fn: (operation: Operation) => T | PromiseLike<T>,
  ): Promise<T>;

  /**
   * Runs `fn` as an operation and resolves with the outcome of `fn` and the operation's report. It never
   * rejects because of `fn` or of deferred work. With `nesting: 'join'` the report is that of the
   * enclosing operation so far.
   */
  settleOperation<T>(
    this: void,
    fn: (operation: Operation) => T | PromiseLike<T>,
  ): Promise<SettledOperation<T>>;
  /** Does the same for an operation with a name or with options. */
  settleOperation<T>(
    this: void,
    nameOrOptions: string | OperationOptions,
    fn: (operation: Operation) => T | PromiseLike<T>,
  ): Promise<SettledOperation<T>>;

  /**
   * Opens an operation whose boundary is not the end of a function. It is current only inside its `run`
   * and `bind`. Close it: an enclosing operation waits for `close()`.
   */
  openOperation(this: void, nameOrOptions?: string | OperationOptions): OpenOperation;

  /**
   * Runs `fn` as a task of the current operation: calls it at once with the task, which is current inside
   * it, then runs the task's `until: 'task'` work, and settles as `fn` did. Failures of that work belong to
   * the operation. It rejects with `NoOperationError` (`ERR_DEFERQUEUE_NO_OPERATION`) outside any operation
   * and with `OperationClosedError` (`ERR_DEFERQUEUE_OPERATION_CLOSED`) after the seal.
   */
  withTask<T>(this: void, fn: (task: Task) => T | PromiseLike<T>): Promise<T>;
  /** Does the same for a task with a name or with options. */
  withTask<T>(
    this: void,
    nameOrOptions: string | TaskOptions,
    fn: (task: Task) => T | PromiseLike<T>,
  ): Promise<T>;

  /**
   * Registers deferred work for the boundary of the current operation, and returns its handle. The work
   * runs exactly once, in the async context of this call, or is discarded (G1–G5, G13, G19).
   *
   * Throws, and then nothing is registered: `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`),
   * `DataCloneError` for `data` that cannot be copied, `NoOperationError` (`ERR_DEFERQUEUE_NO_OPERATION`)
   * outside any operation, `NoTaskError` (`ERR_DEFERQUEUE_NO_TASK`), `OperationClosedError`
   * (`ERR_DEFERQUEUE_OPERATION_CLOSED`) after the seal, `DeferChainError` (`ERR_DEFERQUEUE_DEFER_CHAIN`),
   * `QueueFullError` (`ERR_DEFERQUEUE_QUEUE_FULL`).
   *
   * The idea is that of Linux checkpoint/restart's deferqueue: data copied at registration, everything run
   * at the end of the operation.
   *
   * @example
   * defer(() => mailer.send(receipt), { name: 'receipt', on: 'success' });
   * defer(({ data }) => cache.invalidate(data), { data: 'stock', key: 'stock' });
   */
  defer<D = undefined>(this: void, run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred;

  /**
   * Keeps a resource until the end of the current operation's drain, disposes it there, and returns it. The
   * last acquired is disposed first, each is awaited, all of them in spite of failures;
   * `Symbol.asyncDispose` is preferred to `Symbol.dispose` (G7). Throws as `defer` does. `null` and
   * `undefined` register nothing. The idea is `AsyncDisposableStack`'s.
   *
   * With `until: 'task'` the resource is disposed at the end of the current task, after the task's
   * `until: 'task'` work. Outside a task that throws `NoTaskError` (`ERR_DEFERQUEUE_NO_TASK`). After the seal,
   * or the end of the task, the resource is disposed at once and the call throws.
   */
  use<R extends Disposable | AsyncDisposable | null | undefined>(
    this: void,
    resource: R,
    options?: UseOptions,
  ): R;

  /**
   * Runs the queued `always` work of the current task, or outside a task of the operation's own queue, and
   * what that work adds there. Resolves with how many items started (G12). Rejects with
   * `DrainInProgressError` (`ERR_DEFERQUEUE_DRAIN_IN_PROGRESS`) while that queue is being drained.
   */
  flush(this: void): Promise<number>;

  /**
   * Calls `fn` outside any operation, and returns what it returns: for a pool, a background loop or a consumer
   * that is started inside an operation and outlives it. Every other `AsyncLocalStorage` reads as before.
   *
   * @example
   * consumer ??= runOutside(() => startConsumer());
   */
  runOutside<T>(this: void, fn: () => T): T;

  /**
   * Sets defaults for operations that are opened from here on, over those in force. Returns a function that
   * takes them back. Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for bad options.
   *
   * @example
   * configure({ onWorkError: (error, work) => logger.error({ err: error, work: work.name }) });
   */
  configure(this: void, defaults: OperationOptions): () => void;

  /** Returns the operation that the caller is in, also after it has ended. */
  currentOperation(this: void): Operation | undefined;

  /** Returns the task that the caller is in. */
  currentTask(this: void): Task | undefined;

  /**
   * Ends the runtime. From the call on, opening a root operation fails with `ShuttingDownError`
   * (`ERR_DEFERQUEUE_SHUTTING_DOWN`); nesting in a live operation is still allowed. Resolves when every live
   * operation has settled, with what became of them. After `grace` milliseconds the remaining ones are
   * terminated: running work is aborted and ends as `timed-out`, queued work as `abandoned`, resources are
   * disposed (waited for at most once more `grace`), and the report names them (G23a).
   *
   * Never rejects, except for bad options (`ERR_DEFERQUEUE_INVALID_ARGUMENT`). Later calls return the same
   * promise. Do not await it inside an operation: it would wait for that operation.
   */
  shutdown(this: void, options?: ShutdownOptions): Promise<ShutdownReport>;

  /**
   * Wraps the functions of operations and deferred work that start from here on: for another context, a
   * retry or a measurement. The first interceptor is outermost. Returns a function that removes it.
   * Without interceptors it costs nothing. Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for
   * anything but an object with functions `operation` or `work`.
   *
   * @example
   * const stop = intercept({ work: (work, run) => metrics.time(work.name, run) });
   */
  intercept(this: void, interceptor: Interceptor): () => void;
}
