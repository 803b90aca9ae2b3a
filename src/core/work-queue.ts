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

/**
 * An array with a head index. Works that leave from its middle stay behind as husks, until they are half of it.
 * @internal
 */
export class WorkQueue implements WorkHome {
  readonly scope: QueueScope;
  readonly kind: QueueKind;
  readonly lifo: boolean;
  /** Who counts what is queued here; nobody counts resources. */
  readonly #account: { pending: number } | undefined;
  /** Whether `flush` is draining this queue. */
  flushing = false;
  #works: (WorkEntry | undefined)[] = [];
  #head = 0;
  #husks = 0;
  /** Where a fifo scan for `always` works goes on: before it, only conditional ones wait. */
  #scanned = 0;
  #twins: Map<unknown, WorkEntry>[] | undefined;

  constructor(scope: QueueScope, account: { pending: number }, kind: QueueKind, lifo = false) {
    this.scope = scope;
    this.kind = kind;
    this.lifo = lifo;
    this.#account = kind === 'resources' ? undefined : account;
  }

  get operation(): Operation {
    return this.scope.operation;
  }

  get task(): Task | undefined {
    return this.kind === 'root' ? undefined : this.scope.task;
  }

  get size(): number {
    return this.#works.length - this.#head - this.#husks;
  }

  outcomeOf(work: WorkEntry): Outcome | undefined {
    return this.scope.outcomeOf(work, this);
  }

  cancel(work: WorkEntry): void {
    this.scope.cancel(work, this);
  }

  push(work: WorkEntry): void {
    this.#works.push(work);
    if (this.#account !== undefined) this.#account.pending++;
    const details = work.details;
    if (details === undefined) return;
    if (details.key !== undefined) this.#twinsOf(work).set(details.key, work);
    details.signal?.addEventListener('abort', work);
  }

  /** Takes the work whose turn it is. */
  take(): WorkEntry | undefined {
    const works = this.#works;
    if (this.lifo) {
      while (works.length > this.#head) {
        const work = works.pop();
        if (this.#left(work)) return work;
      }
    } else {
      while (this.#head < works.length) {
        const work = works[this.#head];
        works[this.#head++] = undefined;
        const left = this.#left(work);
        if (this.#head === works.length) this.#reset();
        else if (this.#head >= 1024 && this.#head * 2 > works.length) this.#dropHead();
        if (left) return work;
      }
    }
    this.#reset();
    return undefined;
  }

  /** Takes the next work without a condition and leaves the others where they are. */
  takeAlways(): WorkEntry | undefined {
    const works = this.#works;
    const step = this.lifo ? -1 : 1;
    let index = this.lifo ? works.length - 1 : Math.max(this.#head, this.#scanned);
    for (; index >= this.#head && index < works.length; index += step) {
      const work = works[index];
      if (work?.state !== 'queued' || (work.details && work.details.on !== 'always')) continue;
      if (!this.lifo) this.#scanned = index;
      this.remove(work);
      return work;
    }
    if (!this.lifo) this.#scanned = works.length;
    return undefined;
  }

  /** Lets a queued work go from wherever it stands. */
  remove(work: WorkEntry): void {
    this.#forget(work);
    const works = this.#works;
    if (works[this.#head] === work) {
      works[this.#head++] = undefined;
    } else if (works.at(-1) === work) {
      works.pop();
    } else {
      this.#husks++;
    }
    if (this.#head >= works.length) this.#reset();
    else if (this.#husks > FEW && this.#husks * 2 > works.length - this.#head) this.#rebuild(work);
  }

  /** The queued work that `work` would become one with. */
  twinOf(work: WorkEntry): WorkEntry | undefined {
    const key = work.details?.key;
    return key === undefined ? undefined : this.#twinsOf(work).get(key);
  }

  /** Keeps account of a work that was taken from the array; false where it had been removed before. */
  #left(work: WorkEntry | undefined): work is WorkEntry {
    if (work?.state !== 'queued') {
      this.#husks--;
      return false;
    }
    this.#forget(work);
    return true;
  }

  #forget(work: WorkEntry): void {
    if (this.#account !== undefined) this.#account.pending--;
    const details = work.details;
    if (details === undefined) return;
    if (details.key !== undefined) {
      const twins = this.#twinsOf(work);
      if (twins.get(details.key) === work) twins.delete(details.key);
    }
    details.signal?.removeEventListener('abort', work);
  }

  /** Twins have equal `on` and `until`: works promoted to this queue wait beside the others, not among them. */
  #twinsOf(work: WorkEntry): Map<unknown, WorkEntry> {
    const details = work.details;
    const on = details?.on === 'success' ? 1 : details?.on === 'failure' ? 2 : 0;
    const index = details?.origin !== undefined ? on + 3 : on;
    this.#twins ??= [];
    return (this.#twins[index] ??= new Map());
  }

  #reset(): void {
    this.#works.length = 0;
    this.#head = this.#husks = this.#scanned = 0;
  }

  #dropHead(): void {
    this.#works.splice(0, this.#head);
    this.#scanned = Math.max(0, this.#scanned - this.#head);
    this.#head = 0;
  }

  #rebuild(leaving?: WorkEntry): void {
    this.#works = this.#works.filter((work) => work?.state === 'queued' && work !== leaving);
    this.#head = this.#husks = this.#scanned = 0;
  }
}
