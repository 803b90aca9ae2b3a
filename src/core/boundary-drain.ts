import { Account } from './account.js';
import type { AccountHost } from './account.js';
import type { Bell } from './bell.js';
import { drainOf } from './drain.js';
import type { Drain, DrainLoop, Lanes } from './drain.js';
import type { LoopHold } from './loop-hold.js';
import { OtherQueues, Phases } from './other-queues.js';
import { meets } from './outcome.js';
import type { Outcome } from './outcome.js';
import { isDecided } from './promotion.js';
import type { Way } from './promotion.js';
import { ReadyTasks } from './ready-tasks.js';
import type { Operation } from './surface.js';
import type { TaskCore } from './task.js';
import { WorkQueue } from './work-queue.js';
import type { WorkEntry, WorkScope } from './work.js';

/** What the drain at the boundary needs of its operation. @internal */
export interface BoundaryHost extends AccountHost {
  readonly isFramed: boolean;
  unquestioned: object | undefined;
  pending: number;
  /** How many tasks, nested operations and the like have not settled. */
  readonly active: number;
  readonly bell: Bell;
  outcomeOf(work: WorkEntry): Outcome | undefined;
  enterWork(work: WorkEntry, scope: WorkScope): unknown;
}

/**
 * The queues of an operation and their drain at its boundary (G7, G11): task queues in the order in which tasks
 * started, then the operation's own queue, then resources. Made with the first work or resource.
 * @internal
 */
export class BoundaryDrain implements Drain {
  readonly account: Account;
  readonly lanes: Lanes;
  running: WorkEntry | undefined;
  entered = 0;
  hold: LoopHold | undefined;
  loop: DrainLoop | undefined;
  readonly #host: BoundaryHost;
  #own: WorkQueue | undefined;
  #others: OtherQueues | undefined;
  #phases: Phases | undefined;
  #released = false;

  constructor(host: BoundaryHost, lanes: Lanes) {
    this.#host = host;
    this.lanes = lanes;
    this.account = new Account(host);
  }

  /** Takes the works of a plain run: those that are queued, linked with one another, and the one that runs. The caller has counted them. */
  takeOver(
    first: WorkEntry | undefined,
    running: WorkEntry | undefined,
    entered: number,
    hold: LoopHold | undefined,
  ): void {
    for (let work = first; work !== undefined;) {
      const { next } = work;
      work.next = undefined;
      work.home = this.own;
      this.own.append(work);
      work = next;
    }
    if (running !== undefined) running.home = this.own;
    this.account.haveRun(running === undefined ? entered : entered - 1);
    this.entered = entered;
    this.running = running;
    this.hold = hold;
  }

  get timed(): boolean {
    return this.#host.settings.drainTimeout !== Infinity;
  }

  get limits(): boolean {
    return this.timed || typeof this.#host.settings.concurrency !== 'number';
  }

  get bell(): Bell {
    return this.#host.bell;
  }

  /** A queue of the user's may have a timeout for all its jobs. */
  get timeout(): number | undefined {
    const { concurrency } = this.#host.settings;
    return typeof concurrency === 'number' ? undefined : concurrency.timeout;
  }

  get own(): WorkQueue {
    return this.#own ?? this.#makeOwn();
  }

  /** Works of a nested operation that wait for the outermost boundary. */
  get forRoot(): WorkQueue {
    return (this.#needOthers().forRoot ??= new WorkQueue(this.#host, this.#host, 'root'));
  }

  get resources(): WorkQueue {
    return (this.#needOthers().resources ??= new WorkQueue(this.#host, this.#host, 'resources', true));
  }

  get operation(): Operation {
    return this.#host.operation;
  }

  /** Whether works wait here for the root. */
  get hasForRoot(): boolean {
    return !!this.#others?.forRoot?.size;
  }

  /** Whether no other drain of the operation goes on. */
  get isAlone(): boolean {
    return !this.#others?.beside?.size;
  }

  /** Takes note of something that was queued. */
  queued(queue: WorkQueue): void {
    if (queue.kind === 'task' || queue.kind === 'end') {
      if (!queue.listed) (this.#needOthers().filled ??= new Set()).add(queue);
      queue.listed = true;
      if (queue.kind === 'task') this.#offer(queue.scope as TaskCore);
    }
    this.changed();
  }

  /** Takes note of something that has left a queue other than by its turn at the boundary. */
  left(queue: WorkQueue): void {
    if (queue.size === 0) this.#emptied(queue);
    this.changed();
  }

  /** Lets drains that wait look again. */
  changed(): void {
    const beside = this.#others?.beside;
    if (beside !== undefined) for (const drain of beside) drain.bell.ring();
    this.#host.wake();
  }

  /** Whether a work of the queue runs in this drain. */
  runs(queue: WorkQueue): boolean {
    if (this.running?.home === queue) return true;
    if (queue.kind === 'own') return !!this.#phases?.ofOwn;
    return queue.kind === 'task' && (queue.scope as TaskCore).running > 0;
  }

  /** From here on a flush serves the queue alone. */
  flushStarts(queue: WorkQueue): void {
    queue.flushing = true;
    (this.#needOthers().flushing ??= new Set()).add(queue);
  }

  flushEnds(queue: WorkQueue): void {
    queue.flushing = false;
    this.#others?.flushing?.delete(queue);
    if (queue.size === 0) this.#emptied(queue);
    else if (queue.kind === 'task') this.#offer(queue.scope as TaskCore);
  }

  /** Runs another drain of the operation while this one waits, or before its time has come. */
  runBeside(drain: Drain): Promise<void> | undefined {
    const beside = (this.#needOthers().beside ??= new Set());
    this.#host.unquestioned = undefined;
    beside.add(drain);
    const draining = drainOf(drain);
    if (draining === undefined) beside.delete(drain);
    return draining?.finally(() => beside.delete(drain));
  }

  /** All that goes on, this drain first. */
  get drains(): readonly Drain[] {
    return [this, ...(this.#others?.beside ?? [])];
  }

  /** What is queued for this operation: task queues in the order in which tasks started, then its own. */
  get filled(): readonly WorkQueue[] {
    const ofTasks = [...(this.#others?.filled ?? [])];
    const order = (queue: WorkQueue): number =>
      (queue.scope as TaskCore).id * 2 + (queue.kind === 'end' ? 0 : 1);
    ofTasks.sort((one, other) => order(one) - order(other));
    return this.#own === undefined ? ofTasks : [...ofTasks, this.#own];
  }

  // The drain.

  get more(): boolean {
    const others = this.#others;
    return (
      !!this.#own?.size ||
      (others !== undefined && (others.ready?.first !== undefined || !!others.resources?.size))
    );
  }

  peek(): WorkEntry | undefined {
    return this.#turn()?.peek();
  }

  take(work: WorkEntry): void {
    (work.home as WorkQueue).take();
  }

  next(): WorkEntry | undefined {
    return this.#turn()?.take();
  }

  rest(): PromiseLike<unknown> | undefined {
    return this.#isBusy() && !this.#released ? this.bell.rung() : undefined;
  }

  due(work: WorkEntry): boolean {
    const on = work.details?.on ?? 'always';
    return on === 'always' || meets(on, this.#host.outcomeOf(work));
  }

  enter(work: WorkEntry): unknown {
    // A resource belongs to the operation; its disposer sees the task that acquired it.
    const task = work.isResource ? (work.details?.task as TaskCore | undefined) : undefined;
    return this.#host.enterWork(work, task ?? work.home.scope);
  }

  started(work: WorkEntry): void {
    const { kind } = work.home;
    const phases = (this.#phases ??= new Phases());
    if (kind === 'own') {
      phases.ofOwn++;
    } else if (kind === 'resources') {
      phases.disposing = true;
    } else {
      const task = work.home.scope as TaskCore;
      phases.ofTasks++;
      // It was the first of those that are ready.
      if (++task.running >= task.concurrency) this.#others?.ready?.removeFirst();
    }
  }

  over(work: WorkEntry): void {
    const { kind } = work.home;
    const phases = this.#phases!;
    if (kind === 'own') {
      phases.ofOwn--;
    } else if (kind === 'resources') {
      phases.disposing = false;
    } else {
      const task = work.home.scope as TaskCore;
      phases.ofTasks--;
      task.running--;
      if (task.queue.size > 0) this.#offer(task);
    }
  }

  /** The operation is sealed: nothing is queued any more, or ever will be. */
  release(): void {
    this.#released = true;
    this.#own = this.#others = this.hold = undefined;
  }

  #makeOwn(): WorkQueue {
    const host = this.#host;
    return (this.#own = new WorkQueue(host, host, 'own', host.settings.order === 'lifo'));
  }

  /** The queue whose turn it is, with a work that may run beside those that do. */
  #turn(): WorkQueue | undefined {
    const phases = this.#phases;
    if (phases?.disposing) return undefined;
    const others = this.#others;
    const ready = others?.ready;
    if (ready !== undefined) {
      for (let task = ready.first; task !== undefined; task = ready.first) {
        const { queue } = task;
        if (!queue.flushing && queue.peek() !== undefined) return phases?.ofOwn ? undefined : queue;
        ready.removeFirst();
        if (queue.size === 0) this.#emptied(queue);
      }
    }
    if (phases?.ofTasks || (others?.flushing !== undefined && tasksWait(others.flushing))) return undefined;
    const own = this.#own;
    if (own !== undefined) {
      if (own.flushing) return undefined;
      const work = own.peek();
      const origin = work?.details?.origin;
      if (origin !== undefined && !isDecided(origin as Way, this.operation)) return undefined;
      if (work !== undefined) return own;
    }
    // Whatever still runs may use the resources.
    return phases?.ofOwn || this.#isBusy() ? undefined : others?.resources;
  }

  #isBusy(): boolean {
    const { discards } = this.account;
    return this.#host.active > 0 || (discards !== undefined && discards.size > 0);
  }

  #emptied(queue: WorkQueue): void {
    if (!queue.listed) return;
    queue.listed = false;
    this.#others?.filled?.delete(queue);
  }

  #offer(task: TaskCore): void {
    if (task.running >= task.concurrency || task.queue.flushing) return;
    (this.#needOthers().ready ??= new ReadyTasks()).add(task);
  }

  #needOthers(): OtherQueues {
    return (this.#others ??= new OtherQueues());
  }
}

/** Whether a task has works queued that its flush leaves alone: they come before those of the operation's own queue. */
const tasksWait = (flushing: ReadonlySet<WorkQueue>): boolean => {
  for (const queue of flushing) if (queue.kind === 'task' && queue.size > 0) return true;
  return false;
};
