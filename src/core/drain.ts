import { EventLoopYield } from './event-loop.js';
import type { OperationCore } from './operation.js';
import { isNestedDeeply } from './nesting.js';
import { NativePromise, Notifier } from './promises.js';
import type { Scope, WorkScope } from './scope.js';
import { Slot } from './slot.js';
import type { WorkItem } from './work.js';

/** Tells a drain which item is next: an operation's queues in the order of G7, or a single queue. */
export interface WorkSource {
  /** Returns the item whose turn it is, given what runs. */
  peek(): WorkItem | undefined;
  /** The item that `peek` returned takes its turn. */
  take(item: WorkItem): void;
  /** The item has left its slot. */
  release(item: WorkItem): void;
  /** Whether the item's condition is met. */
  isDue(item: WorkItem): boolean;
  /** What is current while the item runs. */
  scopeOf(item: WorkItem): Scope;
  /** Whether items are queued. */
  readonly hasItems: boolean;
  /** Whether items may still come although nothing is queued and nothing runs. */
  readonly isOpen: boolean;
}

/** Where a drain gets the slots from that it has beyond its own: the port to p-queue (G11). */
export interface Slots {
  /** Starts what can start now. Returns whether something runs, or a slot was asked for. */
  advance(drain: Drain): boolean;
  /** The item in `slot` has settled or timed out. `next` is free: the same slot, or one that replaces it. */
  freed(drain: Drain, slot: Slot, next: Slot): void;
  /** The slots that have an item. */
  readonly busy: Iterable<Slot>;
  /** The drain does not continue. */
  stop(): void;
}

/** Waits for the end of a drain. */
export interface DrainListener {
  onDrained(): void;
  /** The drain itself has failed, which work cannot cause. */
  onBroken(error: unknown): void;
}

/**
 * Runs the items of a source until none is left (G8). The boundary of an operation, the end of a task and `flush`
 * are the same drain over three sources. A drain has one slot of its own; a limit other than one adds those
 * of a p-queue.
 */
export class Drain {
  readonly operation: OperationCore;
  readonly source: WorkSource;
  /** How many items have started. */
  entered = 0;
  #slot = new Slot(this);
  readonly #slots: Slots | undefined;
  #clock: EventLoopYield | undefined;
  #notifier: Notifier | undefined;
  #listener: DrainListener | undefined;
  #isAdvancing = false;
  #isStopped = false;
  /** Whether each item needs a clock: for a time in a report, or for a timeout. */
  readonly isTimed: boolean;

  constructor(operation: OperationCore, source: WorkSource, slots: Slots | undefined) {
    this.operation = operation;
    this.source = source;
    this.#slots = slots;
    const { drainTimeout, concurrency } = operation.settings;
    this.isTimed = drainTimeout !== Infinity || typeof concurrency !== 'number';
  }

  /** The slot of the item that runs, if the drain runs one at a time. */
  get runningSlot(): Slot | undefined {
    return this.#slots === undefined ? this.#slot : undefined;
  }

  /** Lists the items that run. */
  running(): WorkItem[] {
    const items = [...(this.#slots?.busy ?? []), this.#slot].map((slot) => slot.item);
    return items.filter((item) => item?.state === 'running') as WorkItem[];
  }

  /** Runs what can run at once. Returns whether nothing is left; if something is, `listener` hears of the end. */
  start(listener: DrainListener): boolean {
    // A drain in an item of a drain, and so on: the stack has to be emptied now and then.
    if (isNestedDeeply()) void NativePromise.resolve().then(() => this.#resume());
    else if (this.#advance()) return true;
    this.#listener = listener;
    return false;
  }

  /** There may be more to start, or less to wait for. */
  notify(): void {
    this.#notifier?.notify();
  }

  /** Takes the item that `peek` has returned and starts it in the slot. Returns whether it has to be awaited. */
  startItem(item: WorkItem, slot: Slot): boolean {
    this.source.take(item);
    // A single item needs no clock.
    if (this.#clock === undefined && (this.entered > 0 || this.source.hasItems)) {
      this.#clock = new EventLoopYield();
    }
    return slot.start(item);
  }

  /** The same in the drain's own slot: for a drain without others, and for items that need none of those. */
  startInOwnSlot(item: WorkItem): boolean {
    return this.startItem(item, this.isOwnSlotBusy ? new Slot(this) : this.#slot);
  }

  get isOwnSlotBusy(): boolean {
    return this.#slot.item !== undefined;
  }

  /** Whether the drain has held the event loop for too long (G10). */
  shouldYield(): boolean {
    return this.#clock !== undefined && this.#clock.shouldYield();
  }

  /** Continues after the event loop has turned. */
  yield(): void {
    void this.#clock!.yield().then(() => this.#resume());
  }

  /** The item in `slot` has settled, or has timed out and left the slot to `next`. */
  freed(slot: Slot, next: Slot): void {
    if (slot !== this.#slot) return this.#slots!.freed(this, slot, next);
    this.#slot = next;
    this.#resume();
  }

  /** Ends the drain for what waits for it: its operation was terminated. */
  stop(): void {
    const listener = this.#takeListener();
    this.#isStopped = true;
    this.#slot.successor();
    this.#slots?.stop();
    listener?.onDrained();
  }

  /** Waits until there may be more to start. */
  wait(): void {
    (this.#notifier ??= new Notifier()).wait(() => this.#resume());
  }

  #takeListener(): DrainListener | undefined {
    const listener = this.#listener;
    this.#listener = undefined;
    return listener;
  }

  #resume(): void {
    if (this.#isStopped || this.#isAdvancing) return;
    const listener = this.#listener;
    try {
      if (!this.#advance()) return;
    } catch (error) {
      return listener?.onBroken(error);
    }
    this.#takeListener()?.onDrained();
  }

  /** Returns whether nothing is left to start or to wait for. */
  #advance(): boolean {
    this.#isAdvancing = true;
    let isBusy: boolean;
    try {
      isBusy = this.#slots === undefined ? this.#fill() : this.#slots.advance(this) || this.isOwnSlotBusy;
    } catch (error) {
      // The queue behind the slots is broken. What still waits in it must not call back.
      this.#listener = undefined;
      this.stop();
      throw error;
    }
    this.#isAdvancing = false;
    if (this.#isStopped) return true;
    if (isBusy) return false;
    if (!this.source.isOpen) return true;
    this.wait();
    return false;
  }

  /** Starts items in the only slot until one has to be awaited. Returns whether the drain is to wait for it. */
  #fill(): boolean {
    for (;;) {
      if (this.#clock?.shouldYield() && this.source.hasItems) {
        this.yield();
        return true;
      }
      const item = this.source.peek();
      if (item === undefined) return false;
      if (this.startItem(item, this.#slot)) return true;
    }
  }
}

/** Makes the drain of a single queue, of which `limit` items may run at once. */
export const drainOf = (
  operation: OperationCore,
  source: WorkSource,
  limit: number,
  slotOwner: WorkScope | undefined,
): Drain => {
  const { concurrency } = operation.settings;
  const { makeSlots } = operation.runtime;
  if (typeof concurrency === 'number')
    return new Drain(operation, source, makeSlots(Math.min(concurrency, limit)));
  return new Drain(operation, source, makeSlots(slotOwner === undefined ? concurrency : 1));
};

/**
 * Runs it to its end, in the slot of `slotOwner` if its caller is in an item that has one in a shared queue (G11).
 * Returns `undefined` if the end has come at once.
 */
export const runNested = (drain: Drain, slotOwner: WorkScope | undefined): Promise<void> | undefined =>
  slotOwner === undefined ? runToEnd(drain) : slotOwner.lend(() => runToEnd(drain));

const runToEnd = (drain: Drain): Promise<void> | undefined => {
  const { nestedDrains } = drain.operation;
  nestedDrains.add(drain);
  let onDrained!: () => void;
  let onBroken!: (error: unknown) => void;
  let isOver = true;
  try {
    isOver = drain.start({ onDrained: () => onDrained(), onBroken: (error) => onBroken(error) });
  } finally {
    if (isOver) nestedDrains.delete(drain);
  }
  if (isOver) return undefined;
  const ended = new NativePromise<void>((resolve, reject) => {
    onDrained = resolve;
    onBroken = reject;
  });
  return ended.finally(() => nestedDrains.delete(drain));
};
