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

/** Removed works that a list may hold before it is worth making anew. */
const FEW = 32;

/** A stretch of the list in which a scan for works without a condition has found none. */
interface Barren {
  first: WorkEntry;
  readonly last: WorkEntry;
}

/**
 * A list of works, linked with one another in the order in which they are served: an array would have to grow, and makes many small
 * queues live longer than their works. Works that leave from its middle stay behind as husks, until they are half of it.
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
  #size = 0;
  #first: WorkEntry | undefined;
  #last: WorkEntry | undefined;
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

  /** What its works belong to. */
  get home(): this {
    return this;
  }

  get operation(): Operation {
    return this.scope.operation;
  }

  get task(): Task | undefined {
    return this.kind === 'root' ? undefined : this.scope.task;
  }

  get size(): number {
    return this.#size;
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
    this.#size++;
    const last = this.#last;
    if (last === undefined) {
      this.#first = this.#last = work;
    } else if (this.lifo) {
      work.next = this.#first;
      this.#first = work;
    } else {
      last.next = this.#last = work;
    }
  }

  /** The work whose turn it is. */
  peek(): WorkEntry | undefined {
    for (let work = this.#first; work !== undefined; work = this.#first) {
      if (work.state === 'queued') return work;
      this.#husks--;
      this.#behead(work);
    }
    return undefined;
  }

  /** Takes the work whose turn it is. */
  take(): WorkEntry | undefined {
    const work = this.peek();
    if (work === undefined) return undefined;
    this.#forget(work);
    this.#behead(work);
    return work;
  }

  /** The next work without a condition, whatever stands before it. */
  peekAlways(): WorkEntry | undefined {
    let before: WorkEntry | undefined;
    for (let work = this.#first; work !== undefined; work = work.next) {
      if (work === this.#barren?.first) work = this.#barren.last;
      else if (work.state === 'queued' && (work.details === undefined || work.details.on === 'always')) {
        this.#passed(before);
        return work;
      }
      before = work;
    }
    this.#passed(before);
    return undefined;
  }

  /** Lets a queued work go from wherever it stands. */
  remove(work: WorkEntry): void {
    this.#forget(work);
    if (this.#first === work) this.#behead(work);
    else this.#husks++;
    const husks = this.#husks;
    if (husks > 0 && (this.#size === 0 || (husks > FEW && husks > this.#size))) this.#rebuild(work);
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
    this.#size--;
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

  /** Remembers that a scan has found nothing from the first work to this one. */
  #passed(last: WorkEntry | undefined): void {
    if (last !== undefined) this.#barren = { first: this.#first!, last };
  }

  /** Lets go of the first work. Who keeps it keeps none of those behind it. */
  #behead(work: WorkEntry): void {
    const { next } = work;
    if (this.#barren?.first === work) this.#trim(this.#barren, next);
    this.#first = next;
    if (next === undefined) this.#last = undefined;
    else work.next = undefined;
  }

  #trim(barren: Barren, next: WorkEntry | undefined): void {
    if (barren.first === barren.last || next === undefined) this.#barren = undefined;
    else barren.first = next;
  }

  #rebuild(leaving: WorkEntry): void {
    let work = this.#first;
    let last: WorkEntry | undefined;
    this.#first = this.#barren = undefined;
    this.#husks = 0;
    while (work !== undefined) {
      const { next } = work;
      work.next = undefined;
      if (work.state === 'queued' && work !== leaving) {
        if (last === undefined) this.#first = work;
        else last.next = work;
        last = work;
      }
      work = next;
    }
    this.#last = last;
  }
}
