import type { Copyable } from './data.js';
import type { DiscardReason, Operation, Task } from './types.js';
import type { WorkReport } from './report.js';

/** What the library uses of a `PQueue` (p-queue 9 or 10) that is given as `concurrency`. */
export interface JobQueue {
  /** How many jobs the queue runs at once. */
  readonly concurrency: number;
  /** How many jobs wait. */
  readonly size: number;
  /** Whether the queue is paused. A drain waits until it is started again, and says so in a process warning. */
  readonly isPaused: boolean;
  /** The timeout, in milliseconds, of work items that have none of their own. */
  readonly timeout?: number | undefined;
  /** Adds a job and settles with it. A job of a drain starts one work item, or continues with the next. */
  add(job: () => PromiseLike<unknown> | undefined, options?: object): Promise<unknown>;
}

/**
 * Options of `withOperation`, `settleOperation` and `openOperation`. An operation inside another one inherits
 * `workErrors` and `onWorkError` from it (G17). Everything else that is not given has the runtime's default.
 */
export interface OperationOptions {
  /** Names the operation in reports and errors. */
  name?: string | undefined;
  /**
   * What to do inside another operation. `nested` opens a child with a boundary of its own, which the
   * enclosing operation waits for. `savepoint` has an outcome of its own and no boundary: its work waits
   * for the boundary of the enclosing operation, where `on: 'success'` means that both succeeded. Its
   * `order`, `concurrency`, `drainTimeout` and `drainSignal` have no effect. `join` runs inside the enclosing operation, without a boundary.
   * `detached` opens a new root that no operation waits for (G17).
   *
   * @default 'nested'
   */
  nesting?: 'nested' | 'savepoint' | 'join' | 'detached' | undefined;
  /**
   * The order of the operation's own queue. Task queues are always first in, first out (G7).
   *
   * @default 'fifo'
   */
  order?: 'fifo' | 'lifo' | undefined;
  /**
   * How many work items run at once in a drain of this operation: a whole number from 1, or `Infinity`,
   * which starts every ready item in the turn of the boundary. Items start in order. Those of one task
   * overlap only as far as the task's own `concurrency` allows (G11).
   *
   * A `PQueue` instead of the number shares its limits, including its rate limit, among all its users.
   * While it is paused the drain waits and says so in a process warning; what is cleared from it is added
   * again. Operations nested inside work items can deadlock on a full queue that they share.
   *
   * @default 1
   */
  concurrency?: number | JobQueue | undefined;
  /** Aborts `operation.signal` and nothing else: the operation continues until its function settles. */
  signal?: AbortSignal | undefined;
  /**
   * How long the drain at the boundary may take, in milliseconds. After that, running items are aborted
   * and end as `timed-out`, queued ones are `abandoned`, and the operation is closed with
   * `DrainTimeoutError` (`ERR_DEFERQUEUE_DRAIN_TIMEOUT`). Resources are still disposed, and waited for
   * at most once more as long (G23).
   *
   * @default Infinity
   */
  drainTimeout?: number | undefined;
  /**
   * Ends the drain at the boundary when it aborts, as `drainTimeout` does: running items end as `timed-out`
   * with its reason, queued ones are `abandoned`, and the operation is closed with `DrainAbortedError`
   * (`ERR_DEFERQUEUE_DRAIN_ABORTED`). It does nothing before the boundary. If it has aborted by then,
   * everything queued is abandoned (G23).
   */
  drainSignal?: AbortSignal | undefined;
  /**
   * How many work items may be queued in the operation, its tasks and its savepoints. One more makes `defer` throw
   * `QueueFullError` (G24). `0` allows none.
   *
   * @default Infinity
   */
  maxPending?: number | undefined;
  /**
   * How long a chain of work items that defer work items may get. One more makes `defer` throw
   * `DeferChainError` (G8).
   *
   * @default 1000
   */
  maxChain?: number | undefined;
  /**
   * Whether failed work rejects an operation whose function fulfilled (G21).
   *
   * @default that of the enclosing operation, else 'throw'
   */
  workErrors?: 'throw' | 'report' | undefined;
  /**
   * Called once for every failure of deferred work, in every mode, with the very value that was thrown, the
   * report of the work item and the operation that it failed in. It is called in the context of the work.
   * If it throws, or returns a promise that rejects, that becomes a process warning.
   *
   * @default that of the enclosing operation
   */
  onWorkError?: ((error: unknown, work: WorkReport, operation: Operation) => unknown) | undefined;
  /**
   * `full` adds one row for each work item to the report.
   *
   * @default 'counts'
   */
  report?: 'counts' | 'full' | undefined;
  /**
   * Whether the stack of each registration is kept for errors, reports and subscribers. Meant for
   * debugging: a stack costs more than the rest of a `defer`.
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
   * How many work items of this task run at once, within what the operation's `concurrency` allows: a
   * whole number from 1, or `Infinity` (G11).
   *
   * @default 1
   */
  concurrency?: number | undefined;
}

/** What both kinds of options of `defer` have. */
interface DeferBasics<D> {
  /** Names the work item in reports and errors. */
  name?: string | undefined;
  /**
   * What the function receives as `work.data`: a copy, taken at the call as `structuredClone` would (G5). A
   * `Buffer` stays one, and a view copies its own bytes alone. What a copy would change is refused:
   * instances of classes, and shared memory.
   */
  data?: D & Copyable<D>;
  /**
   * The outcome under which the item runs. Under any other it is skipped, and discarded in its turn (G16).
   *
   * @default 'always'
   */
  on?: 'success' | 'failure' | 'always' | undefined;
  /**
   * The boundary that the item waits for: the current task's, the current operation's, or the outermost
   * operation's (G7, G18).
   *
   * @default 'operation'
   */
  until?: 'task' | 'operation' | 'root' | undefined;
  /**
   * What judges an item with `until: 'root'`. By `path` it is every operation from its own up to the root;
   * by `operation` it is its own alone, whatever those around it do later (G18).
   *
   * @default 'path'
   */
  outcomeOf?: 'path' | 'operation' | undefined;
  /**
   * Binds the item to another task of the same operation, in whose context it then runs, or with `null`
   * to the operation itself (G2).
   *
   * @default the current task
   */
  task?: Task | null | undefined;
  /**
   * Called instead of `run` when the item will never run (G19), in its registration context. The drain
   * waits for it. What it throws counts as a failure of the item.
   */
  discard?: ((reason: DiscardReason, data: NoInfer<D>) => unknown) | undefined;
  /** Cancels the item while it is queued; aborts `work.signal` while it runs. */
  signal?: AbortSignal | undefined;
  /**
   * How long the item may run, in milliseconds. After that, `work.signal` aborts, the item ends as
   * `timed-out`, which is a failure with `WorkTimeoutError` (`ERR_DEFERQUEUE_WORK_TIMEOUT`), and the drain
   * goes on. What the item does later is dropped (G23).
   *
   * @default Infinity
   */
  timeout?: number | undefined;
  /**
   * What to do where no operation accepts the item: throw `NoOperationError` or `OperationClosedError`, or
   * run the item at once (G3).
   *
   * @default 'throw'
   */
  outside?: 'throw' | 'run' | undefined;
}

/** A queued item with a key becomes one with a queued item of the same queue, `key`, `on` and `until` (G27). */
interface DeferKeyed<D> extends DeferBasics<D> {
  /** Compared as `Map` compares its keys. Anything but `null`. */
  key: unknown;
  /**
   * Which of the two stays: `first` the earlier, `last` the later, a function the later with the data that
   * the function makes of both. The function receives the items' own copies, which it may change. Its
   * result is not copied again.
   *
   * @default 'last'
   */
  coalesce?: 'first' | 'last' | ((earlier: NoInfer<D>, later: NoInfer<D>) => NoInfer<D>) | undefined;
}

/** An item without a key is never coalesced. */
interface DeferUnkeyed<D> extends DeferBasics<D> {
  /** Without a key nothing is coalesced. */
  key?: undefined;
  /** Needs a `key`. */
  coalesce?: undefined;
}

/** Options of `defer`. `coalesce` needs a `key`. */
export type DeferOptions<D = undefined> = DeferKeyed<D> | DeferUnkeyed<D>;

/** Options of `use`. */
export interface UseOptions {
  /**
   * When the resource is disposed: at the end of the current task, or of the operation (G7).
   *
   * @default 'operation'
   */
  until?: 'task' | 'operation' | undefined;
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /**
   * How long to wait for live operations before they are terminated, in milliseconds. `0` terminates them at once.
   *
   * @default Infinity
   */
  grace?: number | undefined;
}
