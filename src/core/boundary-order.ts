import { meets } from '../api/outcome.js';
import type { WorkSource } from './drain.js';
import type { OperationCore } from './operation.js';
import { isDecided } from './promotion.js';
import { WorkQueue } from './queue.js';
import type { Scope } from './scope.js';
import type { TaskCore } from './task.js';
import type { WorkItem } from './work.js';

/**
 * The queues of an operation, and which of their items is next at its boundary (G7): task queues in the order in
 * which tasks started, then the operation's own queue, then resources.
 */
export class BoundaryOrder implements WorkSource {
  readonly own: WorkQueue;
  readonly #operation: OperationCore;
  #forRoot: WorkQueue | undefined;
  #resources: WorkQueue | undefined;
  /** Tasks with queued items and room for one more. */
  #ready: ReadyTasks | undefined;
  /** The queues of tasks that have items, for a termination. */
  #filled: Set<WorkQueue> | undefined;
  /** The task queues that a flush serves. */
  #flushing: Set<WorkQueue> | undefined;
  // What runs at the boundary, by the phases of G7.
  #tasksRunning = 0;
  #ownRunning = 0;
  #isDisposing = false;
  #isClosed = false;

  constructor(operation: OperationCore) {
    this.#operation = operation;
    this.own = new WorkQueue(operation, 'own', operation.settings.order === 'lifo');
  }

  /** Items of a nested operation that wait for the outermost boundary. */
  get forRoot(): WorkQueue {
    return (this.#forRoot ??= new WorkQueue(this.#operation, 'root'));
  }

  get resources(): WorkQueue {
    return (this.#resources ??= new WorkQueue(this.#operation, 'resources', true));
  }

  get hasForRoot(): boolean {
    return this.#forRoot !== undefined && this.#forRoot.size > 0;
  }

  get hasItems(): boolean {
    return this.own.size > 0 || this.#ready?.first !== undefined || !!this.#resources?.size;
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#operation.isBusy;
  }

  /** Lists the queues with items for this operation: those of tasks in the order in which they started, then its own. */
  filled(): readonly WorkQueue[] {
    const rank = ({ kind, owner }: WorkQueue): number => owner.id * 2 + (kind === 'task-end' ? 0 : 1);
    return [...[...(this.#filled ?? [])].toSorted((one, other) => rank(one) - rank(other)), this.own];
  }

  /** An item was queued. */
  queued(queue: WorkQueue): void {
    const { owner, kind } = queue;
    if (kind !== 'task' && kind !== 'task-end') return;
    if (!queue.isListed) (this.#filled ??= new Set()).add(queue);
    queue.isListed = true;
    if (kind === 'task') this.#offer(owner as TaskCore);
  }

  /** An item has left a queue, which may be empty now. */
  removed(queue: WorkQueue): void {
    if (!queue.isListed || queue.size > 0) return;
    queue.isListed = false;
    this.#filled?.delete(queue);
  }

  /** From here on a flush serves the queue alone. */
  startFlush(queue: WorkQueue): void {
    queue.isFlushing = true;
    if (queue.kind === 'task') (this.#flushing ??= new Set()).add(queue);
  }

  endFlush(queue: WorkQueue): void {
    queue.isFlushing = false;
    this.#flushing?.delete(queue);
    this.removed(queue);
    if (queue.size > 0 && queue.kind === 'task') this.#offer(queue.owner as TaskCore);
  }

  peek(): WorkItem | undefined {
    if (this.#isClosed || this.#isDisposing) return undefined;
    const { own } = this;
    const ofTask = this.#ready && this.#peekTask(this.#ready);
    if (ofTask !== undefined) return this.#ownRunning > 0 ? undefined : ofTask;
    if (this.#tasksRunning > 0 || this.#flushedTaskHasItems() || own.isFlushing) return undefined;
    const item = own.peek();
    if (item !== undefined) {
      const origin = item.options?.origin;
      return origin === undefined || isDecided(origin, this.#operation) ? item : undefined;
    }
    // What still runs may use the resources.
    return this.#ownRunning > 0 || this.#operation.isBusy ? undefined : this.#resources?.peek();
  }

  take(item: WorkItem): void {
    const { queue } = item;
    queue.remove(item);
    if (queue.kind === 'own') {
      this.#ownRunning++;
    } else if (queue.kind === 'resources') {
      this.#isDisposing = true;
    } else {
      const task = queue.owner as TaskCore;
      this.#tasksRunning++;
      // It was the first of those that are ready.
      if (++task.running >= task.concurrency) this.#ready?.removeFirst();
    }
  }

  release({ queue }: WorkItem): void {
    if (queue.kind === 'own') {
      this.#ownRunning--;
    } else if (queue.kind === 'resources') {
      this.#isDisposing = false;
    } else {
      const task = queue.owner as TaskCore;
      this.#tasksRunning--;
      task.running--;
      if (queue.size > 0) this.#offer(task);
    }
  }

  /** Whether an item of the queue runs at the boundary. */
  runs({ kind, owner }: WorkQueue): boolean {
    return kind === 'own' ? this.#ownRunning > 0 : (owner as TaskCore).running > 0;
  }

  isDue(item: WorkItem): boolean {
    const on = item.options?.on ?? 'always';
    return on === 'always' || meets(on, this.#operation.outcomeOf(item));
  }

  scopeOf(item: WorkItem): Scope {
    // A resource belongs to the operation; its disposer sees the task that acquired it.
    return (item.isResource && (item.options?.task as TaskCore | undefined)) || item.queue.owner;
  }

  /** The operation is sealed: nothing is queued, or ever will be. */
  close(): void {
    this.#isClosed = true;
    this.#forRoot = this.#resources = this.#ready = this.#filled = this.#flushing = undefined;
  }

  #peekTask(ready: ReadyTasks): WorkItem | undefined {
    for (let task = ready.first; task !== undefined; task = ready.first) {
      const item = task.queue.isFlushing ? undefined : task.queue.peek();
      if (item !== undefined) return item;
      ready.removeFirst();
      this.removed(task.queue);
    }
    return undefined;
  }

  /** Items that a flush of their task leaves alone still come before those of the operation's own queue. */
  #flushedTaskHasItems(): boolean {
    if (this.#flushing !== undefined) for (const queue of this.#flushing) if (queue.size > 0) return true;
    return false;
  }

  #offer(task: TaskCore): void {
    if (task.running >= task.concurrency || task.queue.isFlushing) return;
    (this.#ready ??= new ReadyTasks()).add(task);
  }
}

/** The fewest tasks at which it is worth looking for those that a flush or a cancel has emptied. */
const FEW = 32;

/** Tasks in the order in which they started. Nearly all are added at one of the ends. */
class ReadyTasks {
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

/** A single queue, drained before the boundary: by `flush`, or at the end of a task. */
export class SingleQueue implements WorkSource {
  readonly isOpen = false;
  readonly #queue: WorkQueue;
  /** How many of its items may run at once, whatever the slots allow. */
  readonly #limit: number;
  /** A flush leaves conditional items alone (G12). */
  readonly #isFlush: boolean;
  #running = 0;

  constructor(queue: WorkQueue, limit: number, isFlush: boolean) {
    this.#queue = queue;
    this.#limit = limit;
    this.#isFlush = isFlush;
  }

  get hasItems(): boolean {
    return this.#queue.size > 0;
  }

  peek(): WorkItem | undefined {
    if (this.#running >= this.#limit) return undefined;
    return this.#isFlush ? this.#queue.peekAlways() : this.#queue.peek();
  }

  take(item: WorkItem): void {
    this.#queue.remove(item);
    this.#running++;
    if (this.#isFlush) item.ensureOptions().isFlushed = true;
  }

  release(): void {
    this.#running--;
  }

  isDue(item: WorkItem): boolean {
    return this.#isFlush || meets(item.options?.on ?? 'always', this.#queue.owner.outcome);
  }

  scopeOf(): Scope {
    return this.#queue.owner;
  }
}
