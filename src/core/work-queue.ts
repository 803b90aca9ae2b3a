import { follow, unfollow } from './followers.js';
import type { Outcome } from './outcome.js';
import type { Operation, Task } from './surface.js';
import type { WorkEntry, WorkHome, WorkScope } from './work.js';

/** What an operation or a task does for its queues. @internal */
export interface QueueScope extends WorkScope {
  outcomeOf(work: WorkEntry, queue: WorkQueue): Outcome | undefined;
  cancel(work: WorkEntry, queue: WorkQueue): void;
}

/**
 * What a queue is for: an operation's `own` queue or a `task`'s, run at the operation's boundary; a task's `end`
 * queue, run when its function has settled; the works that wait here for the `root`; or `resources`.
 * @internal
 */
export type QueueKind = 'own' | 'task' | 'end' | 'root' | 'resources';

/** Removed works that an array may hold before it is worth rebuilding. */
const FEW = 32;
/** A stretch of the array in which a scan for works without a condition has found none. */
interface Barren {
  readonly from: number;
  readonly to: number;
}

/** Slots that an empty queue keeps for the next works. */
const MANY = 1024;

/**
 * An array with the indices of its first work and of the slot behind its last one: it is never made shorter while works come and
 * go, which costs more than they do. Works that leave from its middle stay behind as husks, until they are half of it.
 * @internal
 */
export class WorkQueue implements WorkHome {
  readonly scope: QueueScope;
  readonly kind: QueueKind;
  readonly lifo: boolean;
  /** Who counts what is queued here; nobody counts resources. */
  readonly #counter: { pending: number } | undefined;
  /** Whether `flush` is draining this queue. */
  flushing = false;
  /** Whether the operation has it among the queues of tasks that have something queued. */
  listed = false;
  #works: (WorkEntry | undefined)[] = [];
  #head = 0;
  #tail = 0;
  #husks = 0;
  #barren: Barren | undefined;
  /** Works with a key, by what else twins have in common: mostly one for each key, see `twinOf`. */
  #twins: Map<unknown, WorkEntry[]>[] | undefined;

  constructor(scope: QueueScope, counter: { pending: number }, kind: QueueKind, lifo = false) {
    this.scope = scope;
    this.kind = kind;
    this.lifo = lifo;
    this.#counter = kind === 'resources' ? undefined : counter;
  }

  get operation(): Operation {
    return this.scope.operation;
  }

  get task(): Task | undefined {
    return this.kind === 'root' ? undefined : this.scope.task;
  }

  get size(): number {
    return this.#tail - this.#head - this.#husks;
  }

  outcomeOf(work: WorkEntry): Outcome | undefined {
    return this.scope.outcomeOf(work, this);
  }

  cancel(work: WorkEntry): void {
    this.scope.cancel(work, this);
  }

  push(work: WorkEntry): void {
    const { details } = work;
    if (details !== undefined) {
      if (details.signal !== undefined) follow(details.signal, work);
      if (details.key !== undefined) {
        const twins = this.#twinsOf(work);
        const others = twins.get(details.key);
        if (others === undefined) twins.set(details.key, [work]);
        else others.push(work);
      }
    }
    this.append(work);
    if (this.#counter !== undefined) this.#counter.pending++;
  }

  /** The same for a work without options, which the caller counts. */
  append(work: WorkEntry): void {
    this.#works[this.#tail++] = work;
  }

  /** The work whose turn it is. */
  peek(): WorkEntry | undefined {
    while (this.#tail > this.#head) {
      const work = this.#works[this.lifo ? this.#tail - 1 : this.#head];
      if (work?.state === 'queued') return work;
      this.#husks--;
      if (this.lifo) this.#pop();
      else this.#behead();
    }
    return undefined;
  }

  /** Takes the work whose turn it is. */
  take(): WorkEntry | undefined {
    const work = this.peek();
    if (work === undefined) return undefined;
    this.#forget(work);
    if (this.lifo) this.#pop();
    else this.#behead();
    return work;
  }

  /** Takes the first work, if it has no options; it is `take` without questions, and the caller counts. */
  shift(): WorkEntry | undefined {
    const work = this.#works[this.#head];
    if (work === undefined || work.details !== undefined || work.state !== 'queued') return undefined;
    this.#behead();
    return work;
  }

  /** The next work without a condition, whatever stands before it. */
  peekAlways(): WorkEntry | undefined {
    const works = this.#works;
    const step = this.lifo ? -1 : 1;
    let index = this.lifo ? this.#tail - 1 : this.#head;
    for (; index >= this.#head && index < this.#tail; index += step) {
      const barren = this.#barren;
      if (barren !== undefined && index >= barren.from && index < barren.to) {
        index = this.lifo ? barren.from : barren.to - 1;
        continue;
      }
      const work = works[index];
      if (work?.state !== 'queued' || (work.details && work.details.on !== 'always')) continue;
      this.#passed(index - step);
      return work;
    }
    this.#passed(index - step);
    return undefined;
  }

  /** Lets a queued work go from wherever it stands. */
  remove(work: WorkEntry): void {
    this.#forget(work);
    const works = this.#works;
    if (works[this.#head] === work) this.#behead();
    else if (works[this.#tail - 1] === work) this.#pop();
    else this.#husks++;
    if (this.#husks > FEW && this.#husks * 2 > this.#tail - this.#head) this.#rebuild(work);
  }

  /**
   * The queued work that `work` would become one with: the last one with equal `key`, `on` and `until`. Conditional
   * works promoted from different operations wait for different things, so one of them cannot stand for the other.
   */
  twinOf(work: WorkEntry): WorkEntry | undefined {
    const { details } = work;
    if (details === undefined || details.key === undefined) return undefined;
    const twins = this.#twinsOf(work).get(details.key);
    if (details.on === 'always') return twins?.at(-1);
    return twins?.findLast((twin) => twin.details?.origin === details.origin);
  }

  #forget(work: WorkEntry): void {
    if (this.#counter !== undefined) this.#counter.pending--;
    const details = work.details;
    if (details === undefined) return;
    if (details.key !== undefined) {
      const twins = this.#twinsOf(work);
      const others = twins.get(details.key);
      if (others === undefined || others.length <= 1) twins.delete(details.key);
      else others.splice(others.indexOf(work), 1);
    }
    if (details.signal !== undefined) unfollow(details.signal, work);
  }

  /** Twins have equal `on` and `until`: works promoted to this queue wait beside the others, not among them. */
  #twinsOf(work: WorkEntry): Map<unknown, WorkEntry[]> {
    const details = work.details;
    const on = details?.on === 'success' ? 1 : details?.on === 'failure' ? 2 : 0;
    const index = details?.origin !== undefined ? on + 3 : on;
    this.#twins ??= [];
    return (this.#twins[index] ??= new Map());
  }

  /** Remembers that a scan found nothing up to `index`, after which it found a work or ended. */
  #passed(index: number): void {
    const barren = this.#barren;
    if (!this.lifo) this.#barren = { from: 0, to: index + 1 };
    else if (barren === undefined) this.#barren = { from: index, to: this.#tail };
    else if (index <= barren.to) this.#barren = { from: Math.min(index, barren.from), to: this.#tail };
  }

  #pop(): void {
    this.#works[--this.#tail] = undefined;
    const barren = this.#barren;
    if (barren !== undefined && barren.to > this.#tail) {
      this.#barren = barren.from < this.#tail ? { from: barren.from, to: this.#tail } : undefined;
    }
    if (this.#head >= this.#tail) this.#reset();
  }

  #behead(): void {
    const head = this.#head;
    this.#works[head] = undefined;
    this.#head = head + 1;
    if (head + 1 >= this.#tail) this.#reset();
    else if (head >= MANY && (head + 1) * 2 > this.#tail) this.#shift();
  }

  /** Gives the slots before the head back. */
  #shift(): void {
    const head = this.#head;
    this.#works = this.#works.slice(head, this.#tail);
    const barren = this.#barren;
    if (barren !== undefined)
      this.#barren = { from: Math.max(0, barren.from - head), to: Math.max(0, barren.to - head) };
    this.#tail -= head;
    this.#head = 0;
  }

  #reset(): void {
    if (this.#works.length > MANY) this.#works = [];
    this.#head = this.#tail = this.#husks = 0;
    this.#barren = undefined;
  }

  #rebuild(leaving: WorkEntry): void {
    this.#works = this.#works.filter((work) => work?.state === 'queued' && work !== leaving);
    this.#tail = this.#works.length;
    this.#head = this.#husks = 0;
    this.#barren = undefined;
  }
}
