import { identityOf, signalJson } from '../api/handles.js';
import { fulfilled, rejected, type Outcome } from '../api/outcome.js';
import type { OperationState, Task } from '../api/types.js';
import type { Drain } from './drain.js';
import type { OperationCore } from './operation.js';
import { WorkQueue } from './queue.js';
import { callingWork, slotOwnerOf, type Scope, type WorkScope } from './scope.js';
import { LinkedSignal, signalOf } from './signals.js';

let started = 0;

/** A task: one queue for its own end and one for the operation's boundary, each made when it is needed. */
export class TaskCore implements Task, Scope {
  readonly id = ++started;
  readonly task: TaskCore = this;
  readonly name: string | undefined;
  readonly operation: OperationCore;
  readonly concurrency: number;
  /** The running item that opened the task: what the task defers continues its chain. */
  readonly work: WorkScope | undefined;
  readonly slotOwner: WorkScope | undefined;
  state: OperationState = 'open';
  /** Whether the operation lists it among the tasks with queued items and room. */
  isReady = false;
  /** How many of its items run at the boundary. */
  running = 0;
  /** The drain of its `until: 'task'` items. */
  drain: Drain | undefined;
  outcome: Outcome | undefined;
  #queue: WorkQueue | undefined;
  #endQueue: WorkQueue | undefined;
  #resources: WorkQueue | undefined;
  #linked: LinkedSignal | undefined;

  /** `from` is the scope in which the task is opened. */
  constructor(name: string | undefined, concurrency: number, from: Scope) {
    const { operation } = from;
    this.name = name;
    this.concurrency = concurrency;
    this.operation = operation;
    this.work = callingWork(operation, from);
    this.slotOwner = slotOwnerOf(operation, from);
  }

  get signal(): AbortSignal {
    return (this.#linked ??= this.#linkSignal()).signal;
  }

  /** Items that wait for the operation's boundary. */
  get queue(): WorkQueue {
    return (this.#queue ??= new WorkQueue(this, 'task'));
  }

  /** Items that wait for the end of the task's function. */
  get endQueue(): WorkQueue {
    return (this.#endQueue ??= new WorkQueue(this, 'task-end'));
  }

  /** Resources that are disposed after those items. */
  get resources(): WorkQueue {
    return (this.#resources ??= new WorkQueue(this, 'task-resources', true));
  }

  /** Whether items or resources wait for the end of the task's function. */
  get hasEndItems(): boolean {
    return !!this.#endQueue?.size || !!this.#resources?.size;
  }

  fulfil(value: unknown): void {
    this.outcome = fulfilled(value);
    this.state = 'draining';
  }

  reject(reason: unknown): void {
    this.outcome = rejected(reason);
    // Made now: when it is asked for, the operation may have been aborted with another reason.
    (this.#linked ??= this.#linkSignal()).abort(reason);
    this.state = 'draining';
  }

  end(): void {
    this.state = 'closed';
    this.drain = this.#endQueue = this.#resources = undefined;
    // No item reads the value any more. A reason is still that of the signal.
    if (this.outcome?.status === 'fulfilled') this.outcome = undefined;
    this.#linked?.release();
  }

  toJSON(): object {
    const { id, name, state } = this;
    return {
      id,
      name,
      operation: identityOf(this.operation),
      state,
      signal: signalJson(this.#linked?.isAborted),
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Task(${this.name === undefined ? '' : `"${this.name}" `}#${this.id}, ${this.state})`;
  }

  #linkSignal(): LinkedSignal {
    const linked = new LinkedSignal(signalOf(this.operation), undefined);
    if (this.outcome?.status === 'rejected') linked.abort(this.outcome.reason);
    if (this.state === 'closed') linked.release();
    return linked;
  }
}

/** The fewest tasks at which it is worth looking for those that a flush or a cancel has emptied. */
const FEW = 32;

/** Tasks in the order in which they started. Nearly all are added at one of the ends. */
export class ReadyTasks {
  #tasks: (TaskCore | undefined)[] = [];
  /** Where the first one is. */
  #start = 0;
  #limit = FEW;

  get first(): TaskCore | undefined {
    return this.#tasks[this.#start];
  }

  add(task: TaskCore): void {
    if (task.isReady) return;
    task.isReady = true;
    if (this.#tasks.length >= this.#limit) this.#sweep();
    const tasks = this.#tasks;
    let [low, high] = [this.#start, tasks.length];
    if (high > low && tasks[high - 1]!.id < task.id) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tasks[middle]!.id < task.id) low = middle + 1;
      else high = middle;
    }
    if (low === this.#start && low > 0) tasks[--this.#start] = task;
    else tasks.splice(low, 0, task);
  }

  removeFirst(): void {
    const { first } = this;
    if (first === undefined) return;
    first.isReady = false;
    this.#tasks[this.#start++] = undefined;
  }

  #sweep(): void {
    const left: TaskCore[] = [];
    for (const task of this.#tasks) {
      if (task === undefined) continue;
      task.isReady = task.queue.size > 0;
      if (task.isReady) left.push(task);
    }
    this.#tasks = left;
    this.#start = 0;
    this.#limit = Math.max(FEW, left.length * 2);
  }
}
