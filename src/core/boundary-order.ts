import { meets } from '../api/outcome.js';
import type { WorkSource } from './drain.js';
import type { OperationCore } from './operation.js';
import { isDecided, uniteTwins } from './promotion.js';
import { WorkQueue } from './queue.js';
import type { Scope } from './scope.js';
import { ReadyTasks, type TaskCore } from './task.js';
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
  /** Promoted items with a key, by the operation whose outcome may make them twins of others. */
  #unjudged: Map<OperationCore, WorkItem[]> | undefined;
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

  /** How many items wait for this boundary. */
  get waiting(): number {
    return this.#operation.pending - (this.#forRoot?.size ?? 0);
  }

  get hasItems(): boolean {
    return this.own.size > 0 || this.#ready?.first !== undefined || !!this.#resources?.size;
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#operation.isBusy;
  }

  /** Lists the queues with items for this operation: those of tasks in the order in which they started, then its own. */
  filled(): readonly WorkQueue[] {
    const rank = ({ kind, owner }: WorkQueue): number => owner.id * 2 + (kind === 'task' ? 1 : 0);
    return [...[...(this.#filled ?? [])].toSorted((one, other) => rank(one) - rank(other)), this.own];
  }

  /** An item was queued. */
  queued(queue: WorkQueue): void {
    const { owner, kind } = queue;
    if (queue.task === undefined) return;
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

  /** Lists the items that wait for the root. */
  listForRoot(): readonly WorkItem[] {
    return this.#forRoot?.list() ?? [];
  }

  /** Lists all queued items. */
  listAll(): WorkItem[] {
    const queues = this.filled().filter((queue) => !queue.isOfResources);
    return [...queues.flatMap((queue) => queue.list()), ...this.listForRoot()];
  }

  /** Removes the resources, and returns them in the order in which they were acquired. */
  takeResources(): WorkItem[] {
    const taken: WorkItem[] = [];
    for (let item = this.#resources?.take(); item !== undefined; item = this.#resources?.take())
      taken.push(item);
    return taken.toReversed();
  }

  /** The item may have other twins when the operation has settled. */
  watchFor(item: WorkItem, operation: OperationCore | undefined): void {
    if (operation === undefined) return;
    const all = (this.#unjudged ??= new Map<OperationCore, WorkItem[]>());
    let items = all.get(operation) ?? [];
    // Those that have ended meanwhile are let go of now and then: each time that there are twice as many.
    if ((items.length & (items.length - 1)) === 0) items = items.filter(({ state }) => state === 'queued');
    items.push(item);
    all.set(operation, items);
  }

  /** The operation has settled, or was terminated: it, or one that a promoted item came through. */
  judged(by: OperationCore): void {
    if (by === this.#operation) {
      if (this.own.hasKeys) uniteTwins(by, this.own.sharingKeys());
      return;
    }
    if (this.#unjudged === undefined) return;
    // What still runs in a terminated one judges nothing any more.
    const judges = by.isTerminated ? [...this.#unjudged.keys()] : [by];
    const items = judges.flatMap((each) => this.#unjudged?.get(each) ?? []);
    for (const each of judges) this.#unjudged.delete(each);
    if (items.length > 0) uniteTwins(this.#operation, items);
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
    if (this.#operation.isSavepoint) return this.#peekInSavepoint();
    const { own } = this;
    const ofTask = this.#ready && this.#peekTask(this.#ready);
    if (ofTask !== undefined) return this.#ownRunning > 0 ? undefined : ofTask;
    if (this.#tasksRunning > 0 || this.#flushedTaskHasItems() || own.isFlushing) return undefined;
    const item = own.peek();
    if (item !== undefined) {
      const isLocal = item.options?.origin === undefined;
      return isLocal || isDecided(item.options!, this.#operation) ? item : undefined;
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
    this.#unjudged = undefined;
  }

  /** All that it has goes to the operation around it. Where that was terminated, it disposes its resources itself. */
  #peekInSavepoint(): WorkItem | undefined {
    const { parent, isBusy, pending } = this.#operation;
    const keepsResources = parent!.state === 'closed' && !isBusy && pending === 0;
    return keepsResources ? this.#resources?.peek() : undefined;
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

/** A single queue, drained before the boundary: by `flush`, or at the end of a task, with the resources of the task. */
export class SingleQueue implements WorkSource {
  readonly isOpen = false;
  readonly #queue: WorkQueue;
  /** How many of its items may run at once, whatever the slots allow. */
  readonly #limit: number;
  /** A flush leaves conditional items alone (G12). */
  readonly #isFlush: boolean;
  readonly #resources: WorkQueue | undefined;
  #running = 0;
  #isDisposing = false;

  constructor(queue: WorkQueue, limit: number, isFlush: boolean, resources?: WorkQueue) {
    this.#queue = queue;
    this.#limit = limit;
    this.#isFlush = isFlush;
    this.#resources = resources;
  }

  get hasItems(): boolean {
    return this.#queue.size > 0 || !!this.#resources?.size;
  }

  peek(): WorkItem | undefined {
    if (this.#running >= this.#limit || this.#isDisposing) return undefined;
    const item = this.#isFlush ? this.#queue.peekAlways() : this.#queue.peek();
    return item ?? (this.#running === 0 ? this.#resources?.peek() : undefined);
  }

  take(item: WorkItem): void {
    item.queue.remove(item);
    this.#running++;
    this.#isDisposing = item.isResource;
    if (this.#isFlush) item.ensureOptions().isFlushed = true;
  }

  release(): void {
    this.#running--;
    this.#isDisposing = false;
  }

  isDue(item: WorkItem): boolean {
    return this.#isFlush || meets(item.options?.on ?? 'always', this.#queue.owner.outcome);
  }

  scopeOf(): Scope {
    return this.#queue.owner;
  }
}
