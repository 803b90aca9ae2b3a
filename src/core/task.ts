import { Cancellation } from './cancellation.js';
import type { WorkFrame } from './chain.js';
import type { Drain } from './drain.js';
import { fulfilled, rejected } from './outcome.js';
import type { Outcome } from './outcome.js';
import type { Operation, OperationState, Task } from './surface.js';
import type { QueueScope } from './work-queue.js';
import { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/** What a task needs of its operation. @internal */
export interface TaskHost extends Operation {
  pending: number;
  readonly outcome: Outcome | undefined;
  cancel(work: WorkEntry, queue: WorkQueue): void;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

let started = 0;

/**
 * A task: one queue for its own end and one for the operation's boundary, each made when it is needed.
 * @internal
 */
export class TaskCore<Host extends TaskHost = TaskHost> implements Task, QueueScope {
  readonly id = ++started;
  readonly name: string | undefined;
  readonly operation: Host;
  /** The work that opened the task: what the task defers continues its chain. */
  readonly frame: WorkFrame<Host, TaskCore<Host>> | undefined;
  readonly concurrency: number;
  /** The work in whose lane the task was opened. */
  readonly place: WorkFrame<Host, TaskCore<Host>> | undefined;
  state: OperationState = 'open';
  /** Whether the operation has the task among those with queued work. */
  ready = false;
  /** With several lanes: how many of its works run at the boundary. */
  running = 0;
  /** The drain of its `until: 'task'` works. */
  drain: Drain | undefined;
  outcome: Outcome | undefined;
  #queue: WorkQueue | undefined;
  #endQueue: WorkQueue | undefined;
  #cancellation: Cancellation | undefined;

  constructor(
    name: string | undefined,
    concurrency: number,
    operation: Host,
    frame: WorkFrame<Host, TaskCore<Host>> | undefined,
    place: WorkFrame<Host, TaskCore<Host>> | undefined,
  ) {
    this.name = name;
    this.concurrency = concurrency;
    this.operation = operation;
    this.frame = frame;
    this.place = place;
  }

  get task(): this {
    return this;
  }

  get signal(): AbortSignal {
    if (this.#cancellation === undefined) {
      this.#cancellation = new Cancellation([this.operation.signal]);
      if (this.outcome?.status === 'rejected') this.#cancellation.abort(this.outcome.reason);
      if (this.state === 'closed') this.#cancellation.release();
    }
    return this.#cancellation.signal;
  }

  [inspect](): string {
    return `Task(${this.name === undefined ? '' : `"${this.name}" `}#${this.id}, ${this.state})`;
  }

  /** The queue for the operation's boundary. */
  get queue(): WorkQueue {
    return (this.#queue ??= new WorkQueue(this, this.operation, 'task'));
  }

  /** The queue for the end of the task's function. */
  get endQueue(): WorkQueue {
    return (this.#endQueue ??= new WorkQueue(this, this.operation, 'end'));
  }

  get more(): boolean {
    return this.#endQueue !== undefined && this.#endQueue.size > 0;
  }

  fulfilWith(value: unknown): void {
    this.outcome = fulfilled(value);
    this.state = 'draining';
  }

  rejectWith(reason: unknown): void {
    this.outcome = rejected(reason);
    this.#cancellation?.abort(reason);
    this.state = 'draining';
  }

  end(): void {
    this.state = 'closed';
    this.drain = undefined;
    // Its works have run: the value is nobody's any more, while a reason still tells why the signal is aborted.
    if (this.outcome?.status === 'fulfilled') this.outcome = undefined;
    this.#endQueue = undefined;
    this.#cancellation?.release();
  }

  outcomeOf(_work: WorkEntry, queue: WorkQueue): Outcome | undefined {
    return queue.kind === 'end' ? this.outcome : this.operation.outcome;
  }

  cancel(work: WorkEntry, queue: WorkQueue): void {
    this.operation.cancel(work, queue);
  }
}
