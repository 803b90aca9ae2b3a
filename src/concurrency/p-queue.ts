import type { AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';
import { label } from '../api/error-messages.js';
import type { JobQueue } from '../api/options.js';
import { captureContext } from '../core/context.js';
import type { Drain, Slots } from '../core/drain.js';
import type { OperationCore } from '../core/operation.js';
import { Slot } from '../core/slot.js';
import { warn } from '../core/warning.js';
import type { WorkItem } from '../core/work.js';
import { SlotRequest, type Requester } from './slot-request.js';
import { NativePromise } from '../core/promises.js';

/** The operations whose refused queue a warning has named. */
const warned = new WeakSet<OperationCore>();

/**
 * The slots of one drain, as jobs of a p-queue: of the drain's own, or of the user's. The queue decides when a job
 * starts, the drain decides which item it is for. A job of the drain's own queue lasts as long as the drain: it
 * continues with the next item, and is idle while there is none. So that queue never has to start a job in place of one
 * that has ended, which p-queue does in a global `queueMicrotask` that a test may have faked. A job of a shared queue is
 * for one item, since others wait.
 */
class QueueSlots implements Slots, Requester {
  readonly busy = new Set<Slot>();
  /** Slots of the drain's own queue that have no item. */
  readonly #idle: Slot[] = [];
  readonly #limit: number | JobQueue;
  #drain: Drain | undefined;
  #queue: JobQueue | undefined;
  /** The context of the drain. A shared queue starts jobs in the context of the job that made room for them. */
  #context: AsyncResource | undefined;
  /** A job that the queue has not started. There is one at a time, so that operations which share a queue take turns. */
  #request: SlotRequest | undefined;
  /** Whether the queue accepts no jobs. Items then run without it, one at a time. */
  #isRefused = false;

  constructor(limit: number | JobQueue) {
    this.#limit = limit;
  }

  advance(drain: Drain): boolean {
    this.#drain = drain;
    // Without a limit, all that is ready at the boundary starts in its turn, and what comes later in one turn.
    if (this.#isUnlimited && drain.source.hasItems && drain.shouldYield()) return this.#yield(drain);
    for (;;) {
      const item = drain.source.peek();
      const needsSlot = item !== undefined && takesSlot(drain, item);
      const hasIdle = needsSlot && this.#idle.length > 0;
      if (this.#request !== undefined && !hasIdle) {
        if (needsSlot) break;
        // What it was for is gone.
        if (!this.#isBusy) this.#withdraw();
      }
      if (item === undefined || (needsSlot && this.#isRefused && this.#isBusy)) break;
      if (!this.#isUnlimited && drain.shouldYield()) return this.#yield(drain);
      if (hasIdle) this.#refill(drain, this.#idle.pop()!);
      else if (needsSlot && !this.#isRefused) this.#ask();
      else drain.startInOwnSlot(item);
    }
    if (this.#request === undefined && !this.#isBusy) {
      if (!drain.source.isOpen) this.#endIdle();
      return false;
    }
    drain.wait();
    return true;
  }

  freed(drain: Drain, slot: Slot, next: Slot): void {
    this.busy.delete(slot);
    const continues = next.giveBack !== undefined && this.#fill(drain, next, true);
    if (!continues && typeof this.#limit === 'number' && next.giveBack !== undefined) this.#idle.push(next);
    else if (!continues) next.giveBack?.();
    // The drain has to look if there is more to start, or nothing left. Where a request waits, only idle slots have room.
    const hasRoom = this.#request === undefined || this.#idle.length > 0;
    if (!continues || (hasRoom && drain.source.peek() !== undefined)) drain.notify();
  }

  stop(): void {
    this.#withdraw();
    this.#endIdle();
    for (const slot of this.busy) {
      slot.giveBack?.();
      slot.successor();
    }
    this.busy.clear();
    this.#queue = this.#context = this.#drain = undefined;
  }

  granted(): Promise<void> | undefined {
    this.#request = undefined;
    const drain = this.#drain;
    // There may be room for more.
    drain?.notify();
    return this.#context?.runInAsyncScope(() => drain && this.#startJob(drain));
  }

  lost(): void {
    this.#request = undefined;
    this.#drain?.notify();
  }

  refused(error: unknown): void {
    const operation = this.#drain?.operation;
    if (operation !== undefined && !warned.has(operation)) {
      warned.add(operation);
      warn(
        `The PQueue that ${label('operation', operation)} was given as concurrency refused a job: its work ` +
          'runs without it, one item at a time',
        'DEFERQUEUE_QUEUE_REFUSED',
        error,
      );
    }
    this.#isRefused = true;
    this.lost();
  }

  paused(): void {
    if (this.#drain === undefined) return;
    warn(
      `${label('operation', this.#drain.operation)} waits for the PQueue that it was given as concurrency, which is ` +
        'paused. Call start() on it; a drainTimeout bounds how long the drain at the boundary waits',
      'DEFERQUEUE_QUEUE_PAUSED',
    );
  }

  get #isUnlimited(): boolean {
    return (typeof this.#limit === 'number' ? this.#limit : this.#limit.concurrency) === Infinity;
  }

  get #isBusy(): boolean {
    return this.busy.size > 0 || (this.#drain !== undefined && this.#drain.isOwnSlotBusy);
  }

  #yield(drain: Drain): true {
    drain.yield();
    return true;
  }

  /** Asks the queue for a slot. */
  #ask(): void {
    this.#context ??= captureContext('deferqueue.drain');
    this.#queue ??= typeof this.#limit === 'number' ? new PQueue({ concurrency: this.#limit }) : this.#limit;
    this.#request = new SlotRequest(this);
    this.#request.add(this.#queue, typeof this.#limit !== 'number');
  }

  /** Starts the item whose turn it is in a slot that was idle. */
  #refill(drain: Drain, slot: Slot): void {
    if (!this.#fill(drain, slot, false)) this.#idle.push(slot);
  }

  /** Ends the jobs of the own queue, which is not used again. */
  #endIdle(): void {
    if (typeof this.#limit === 'number') this.#queue = undefined;
    for (const slot of this.#idle.splice(0)) slot.giveBack?.();
  }

  #withdraw(): void {
    this.#request?.withdraw();
    this.#request = undefined;
  }

  /** The queue has started a job. Returns a promise for its end, or `undefined` if nothing has to be awaited. */
  #startJob(drain: Drain): Promise<void> | undefined {
    const slot = new Slot(drain);
    const over = new NativePromise<void>((resolve) => {
      slot.giveBack = resolve;
    });
    if (this.#fill(drain, slot, false)) return over;
    if (typeof this.#limit !== 'number') return undefined;
    this.#idle.push(slot);
    return over;
  }

  /** Starts items in the slot until one of them has to be awaited. Returns whether there is one. */
  #fill(drain: Drain, slot: Slot, isNext: boolean): boolean {
    const { entered } = drain;
    for (let item = drain.source.peek(); item !== undefined && !item.isResource; item = drain.source.peek()) {
      // A shared queue gives a slot for one item; where that is skipped, for the next.
      if (isNext || drain.entered > entered) {
        if (typeof this.#limit !== 'number' || drain.shouldYield()) return false;
      }
      this.busy.add(slot);
      if (drain.startItem(item, slot)) return true;
      this.busy.delete(slot);
    }
    return false;
  }
}

/** Whether the item runs in a slot of the queue: not a resource, and not an item that is skipped without a `discard`. */
const takesSlot = (drain: Drain, item: WorkItem): boolean => {
  const { options } = item;
  if (options === undefined) return true;
  return !item.isResource && (options.discard !== undefined || drain.source.isDue(item));
};

/** Makes the slots of a drain for more than one item at once: a number of them, or those of a user's queue. */
export const makeSlots = (concurrency: number | JobQueue): Slots | undefined =>
  concurrency === 1 ? undefined : new QueueSlots(concurrency);
