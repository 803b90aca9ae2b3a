import type { Outcome } from '../api/outcome.js';
import type { OperationCore } from './operation.js';
import { areTwins } from './promotion.js';
import { listenForAbort, stopListening } from './signals.js';
import type { TaskCore } from './task.js';
import type { WorkItem } from './work.js';

/**
 * What a queue is for: an operation's `own` items and its `resources`, a `task`'s items until the operation's
 * boundary, those until the `task-end`, resources until then, and items that wait for the `root`.
 */
export type QueueKind = 'own' | 'task' | 'task-end' | 'task-resources' | 'root' | 'resources';

/** How many tombstones a list may hold before rebuilding it is considered. */
const FEW = 32;

const NONE: readonly WorkItem[] = [];

/** A stretch of the list in which a scan has found no item without a condition. */
interface Scanned {
  first: WorkItem;
  readonly last: WorkItem;
}

/**
 * A list of items, linked in the order in which they are served. An item removed from the middle stays as a
 * tombstone, until tombstones are half of the list.
 */
export class WorkQueue {
  readonly owner: OperationCore | TaskCore;
  readonly kind: QueueKind;
  readonly isLifo: boolean;
  readonly isOfResources: boolean;
  /** Whether a `flush` serves this queue. */
  isFlushing = false;
  /** Whether the operation lists it among the task queues that have items. */
  isListed = false;
  size = 0;
  #first: WorkItem | undefined;
  #last: WorkItem | undefined;
  #tombstones = 0;
  #scanned: Scanned | undefined;
  /** The items with a key. */
  #keyed: Map<unknown, WorkItem[]> | undefined;

  constructor(owner: OperationCore | TaskCore, kind: QueueKind, isLifo = false) {
    this.owner = owner;
    this.kind = kind;
    this.isLifo = isLifo;
    this.isOfResources = kind === 'resources' || kind === 'task-resources';
  }

  get task(): TaskCore | undefined {
    return this.kind === 'root' ? undefined : this.owner.task;
  }

  get hasKeys(): boolean {
    return this.#keyed !== undefined && this.#keyed.size > 0;
  }

  outcomeOf(item: WorkItem): Outcome | undefined {
    const { owner } = this;
    return this.kind === 'task-end' ? owner.outcome : owner.operation.outcomeOf(item);
  }

  push(item: WorkItem): void {
    const { options } = item;
    if (options !== undefined) {
      options.isPlacing = false;
      if (options.signal !== undefined) listenForAbort(options.signal, item);
      if (options.key !== undefined) this.#addKeyed(item, options.key);
    }
    this.size++;
    if (!this.isOfResources) {
      const { operation } = this.owner;
      operation.pending++;
      if (operation.isSavepoint) countAround(operation, 1);
    }
    const last = this.#last;
    if (last === undefined) {
      this.#first = this.#last = item;
    } else if (this.isLifo) {
      item.next = this.#first;
      this.#first = item;
    } else {
      last.next = this.#last = item;
    }
  }

  /** Returns the item whose turn it is. */
  peek(): WorkItem | undefined {
    for (let item = this.#first; item !== undefined; item = this.#first) {
      if (item.state === 'queued') return item;
      this.#tombstones--;
      this.#removeFirst(item);
    }
    return undefined;
  }

  /** Removes the item whose turn it is. */
  take(): WorkItem | undefined {
    const item = this.peek();
    if (item !== undefined) this.remove(item);
    return item;
  }

  /** Returns the next item without a condition, whatever is queued before it. */
  peekAlways(): WorkItem | undefined {
    let before: WorkItem | undefined;
    for (let item = this.#first; item !== undefined; item = item.next) {
      if (item === this.#scanned?.first) item = this.#scanned.last;
      else if (item.state === 'queued' && (item.options === undefined || item.options.on === 'always')) {
        this.#noteScan(before);
        return item;
      }
      before = item;
    }
    this.#noteScan(before);
    return undefined;
  }

  /** Removes a queued item from wherever it is. */
  remove(item: WorkItem): void {
    this.size--;
    if (!this.isOfResources) {
      const { operation } = this.owner;
      operation.pending--;
      if (operation.isSavepoint) countAround(operation, -1);
    }
    const { options } = item;
    if (options !== undefined) {
      if (options.key !== undefined) this.#removeKeyed(item, options.key);
      if (options.signal !== undefined) stopListening(options.signal, item);
    }
    if (this.#first === item) this.#removeFirst(item);
    else this.#tombstones++;
    const tombstones = this.#tombstones;
    if (tombstones > 0 && (this.size === 0 || (tombstones > FEW && tombstones > this.size))) {
      this.#rebuild(item);
    }
  }

  /**
   * Lists the queued items that `item` becomes one with (G27): one, but for work that waits for the root in the root
   * itself, which may be a twin of two that are none of each other.
   */
  twinsOf({ options }: WorkItem): readonly WorkItem[] {
    const items = options?.key === undefined ? undefined : this.#keyed?.get(options.key);
    return items?.filter((each) => areTwins(each.options!, options!, this.owner.operation)) ?? NONE;
  }

  /** Lists the items with the key, in the order in which they came. */
  withKey(key: unknown): readonly WorkItem[] {
    return [...(this.#keyed?.get(key) ?? [])];
  }

  /** Lists items with a key that others have too. */
  sharingKeys(): WorkItem[] {
    return [...(this.#keyed?.values() ?? [])].filter(({ length }) => length > 1).flat();
  }

  /** Lists the queued items. */
  list(): WorkItem[] {
    const items: WorkItem[] = [];
    for (let item = this.#first; item !== undefined; item = item.next) {
      if (item.state === 'queued') items.push(item);
    }
    return items;
  }

  #addKeyed(item: WorkItem, key: unknown): void {
    const twins = (this.#keyed ??= new Map<unknown, WorkItem[]>()).get(key);
    if (twins === undefined) this.#keyed.set(key, [item]);
    else twins.push(item);
  }

  #removeKeyed(item: WorkItem, key: unknown): void {
    const twins = this.#keyed?.get(key);
    if (twins === undefined || twins.length <= 1) this.#keyed?.delete(key);
    else twins.splice(twins.indexOf(item), 1);
  }

  /** Notes that a scan has found nothing from the first item to this one. */
  #noteScan(last: WorkItem | undefined): void {
    if (last !== undefined) this.#scanned = { first: this.#first!, last };
  }

  /** Removes the first item. A handle that is kept keeps none of the items behind it. */
  #removeFirst(item: WorkItem): void {
    const { next } = item;
    const scanned = this.#scanned;
    if (scanned?.first === item) {
      if (item === scanned.last || next === undefined) this.#scanned = undefined;
      else scanned.first = next;
    }
    this.#first = next;
    if (next === undefined) this.#last = undefined;
    else item.next = undefined;
  }

  /** Makes the list anew without its tombstones and without the item that is being removed. */
  #rebuild(leaving: WorkItem): void {
    let item = this.#first;
    let last: WorkItem | undefined;
    this.#first = this.#scanned = undefined;
    this.#tombstones = 0;
    while (item !== undefined) {
      const { next } = item;
      item.next = undefined;
      if (item.state === 'queued' && item !== leaving) {
        if (last === undefined) this.#first = item;
        else last.next = item;
        last = item;
      }
      item = next;
    }
    this.#last = last;
  }
}

/** What is queued in a savepoint counts in the operation around it, if that has a limit. */
const countAround = (savepoint: OperationCore, change: 1 | -1): void => {
  for (let each = savepoint; each.isSavepoint && each.parent!.isBounded; each = each.parent!) {
    each.parent!.pendingBelow += change;
  }
};
