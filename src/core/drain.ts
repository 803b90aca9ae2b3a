import type { Account } from './account.js';
import type { Bell } from './bell.js';
import { Deadline } from './deadline.js';
import { WorkTimeoutError } from './errors.js';
import type { LoopHold } from './loop-hold.js';
import { isPlainPromise, pendingOf } from './thenable.js';
import type { WorkEntry } from './work.js';

/**
 * One pass over queues: an operation's at its boundary, a task's at its end, or that of a `flush`. A drain
 * knows which work comes next and what becomes of it; its lanes decide how many run at once.
 * @internal
 */
export interface Drain {
  readonly account: Account;
  readonly lanes: Lanes;
  /** Rung when there may be more to take, or less to wait for. */
  readonly bell: Bell;
  /** The timeout of works that have none of their own, in milliseconds. */
  readonly timeout: number | undefined;
  /** Whether works note when they were entered, for whoever has to tell what was stuck. */
  readonly timed: boolean;
  /** With a single lane: the work that was entered last and has not settled. */
  running: WorkEntry | undefined;
  /** How many works were entered. */
  entered: number;
  /** Made when there is a second work (G10). */
  hold: LoopHold | undefined;
  /** Set while something is awaited. */
  loop: DrainLoop | undefined;
  /** The work whose turn it is, beside those that run. */
  peek(): WorkEntry | undefined;
  /** Takes that work. */
  next(): WorkEntry | undefined;
  /** With nothing to take and nothing running: what may still bring work, or `undefined` when the drain is over. */
  rest(): PromiseLike<unknown> | undefined;
  /** Whether more work is there to be taken. */
  readonly more: boolean;
  /** Whether the work's condition is met. */
  due(work: WorkEntry): boolean;
  /** Enters the function of a work. */
  enter(work: WorkEntry): unknown;
  /** With several lanes: a work that was taken has a lane from here on. */
  started(work: WorkEntry): void;
  /** With several lanes: the work has left its lane. */
  over(work: WorkEntry): void;
}

/**
 * How many works of a drain run at once.
 * @internal
 */
export interface Lanes {
  /**
   * Does what can be done at once. Returns what has to be awaited before the next call (a work's own promise if
   * `drain.running` is set, else something that never rejects), or `undefined` when the drain is over.
   */
  step(drain: Drain): PromiseLike<unknown> | undefined;
  /** The works that have been entered and have not settled, in the order in which they were entered. */
  running(drain: Drain): readonly WorkEntry[];
  /** The work has ended, though what it returned has not settled: its lane is free. */
  free(drain: Drain, work: WorkEntry): void;
  /** The drain is not gone on with. */
  clear(drain: Drain): void;
}

/**
 * Enters a work. Returns its promise, with `drain.running` set, or `undefined` when it has settled.
 * @internal
 */
export const begin = (drain: Drain, work: WorkEntry): PromiseLike<unknown> | undefined => {
  drain.running = work;
  drain.entered++;
  work.state = 'running';
  const timeout = work.details?.timeout ?? (work.isResource ? undefined : drain.timeout);
  if (timeout !== undefined && timeout !== Infinity) limit(drain, work, timeout);
  if (drain.timed) work.needDetails().enteredAt = performance.now();
  try {
    const result = drain.enter(work);
    if (isOver(work)) {
      ignore(result);
    } else {
      const pending = awaitable(work, result);
      if (pending !== undefined) {
        if (work.isResource) work.needDetails().disposing = pending;
        return pending;
      }
      if (!isOver(work)) drain.account.ran(work);
    }
  } catch (error) {
    if (!isOver(work)) drain.account.fail(work, error);
  }
  drain.running = undefined;
  return undefined;
};

const awaitable = (work: WorkEntry, result: unknown): PromiseLike<unknown> | undefined => {
  if (isPlainPromise(result)) return result;
  if ((typeof result !== 'object' || result === null) && typeof result !== 'function') return undefined;
  return work.resource?.runInAsyncScope(pendingOf, undefined, result);
};

/** Whether a work was ended while it ran: by a deadline, which the work's own code may let pass under fake timers. */
const isOver = (work: WorkEntry): boolean => work.state !== 'running';

/** What a work does after it has ended is dropped, its rejection too. */
const ignore = (result: unknown): void => {
  if (result instanceof Promise) result.catch(nothing);
};

const limit = (drain: Drain, work: WorkEntry, timeout: number): void => {
  work.needDetails().deadline = new Deadline(timeout, () => {
    if (isOver(work)) return;
    drain.account.timeOut(work, new WorkTimeoutError(work.label, work.operation, timeout));
    drain.lanes.free(drain, work);
  });
};

/** Keeps account of the work whose promise has settled. */
const settle = (drain: Drain, error: { readonly thrown: unknown } | undefined): void => {
  const work = drain.running;
  if (work === undefined) return;
  drain.running = undefined;
  if (error === undefined) drain.account.ran(work);
  else drain.account.fail(work, error.thrown);
};

/** Runs a drain to its end; `undefined` where it has come to its end at once. @internal */
export const runDrain = (drain: Drain): Promise<void> | undefined => {
  const pending = drain.lanes.step(drain);
  if (pending === undefined) return undefined;
  return new Promise((resolve, reject) => {
    new DrainLoop(drain, resolve, reject).go(pending);
  });
};

/**
 * Awaits what a drain has to await, and can be made to stop waiting for it. What is awaited may never settle and
 * keeps this object then: so a loop that was left holds nothing (G25).
 * @internal
 */
export class DrainLoop {
  #drain: Drain | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #waits = false;

  constructor(drain: Drain, resolve: () => void, reject: (error: unknown) => void) {
    this.#drain = drain;
    this.#resolve = resolve;
    this.#reject = reject;
    drain.loop = this;
  }

  go(pending: PromiseLike<unknown> | undefined): void {
    if (pending !== undefined) void this.#await(pending);
  }

  /** Goes on without what it waits for. */
  leave(): void {
    if (!this.#waits || this.#drain === undefined) return;
    const next = new DrainLoop(this.#drain, this.#resolve!, this.#reject!);
    this.#release();
    next.go(next.#step());
  }

  /** Ends the drain as far as whoever waits for it is concerned. */
  end(): void {
    this.#resolve?.();
    if (this.#drain?.loop === this) this.#drain.loop = undefined;
    this.#release();
  }

  async #await(pending: PromiseLike<unknown> | undefined): Promise<void> {
    while (pending !== undefined) {
      let error: { readonly thrown: unknown } | undefined;
      this.#waits = true;
      try {
        await pending;
      } catch (thrown) {
        error = { thrown };
      }
      // This function outlives the work: a variable of it must not keep the promise, which keeps a context (G25).
      pending = undefined;
      pending = this.#settled(error);
      error = undefined;
    }
  }

  #settled(error: { readonly thrown: unknown } | undefined): PromiseLike<unknown> | undefined {
    if (this.#drain === undefined) return undefined;
    this.#waits = false;
    settle(this.#drain, error);
    return this.#step();
  }

  #step(): PromiseLike<unknown> | undefined {
    try {
      const pending = this.#drain?.lanes.step(this.#drain);
      if (this.#drain === undefined) ignore(pending);
      else if (pending !== undefined) return pending;
      this.end();
    } catch (error) {
      this.#reject?.(error);
      this.#release();
    }
    return undefined;
  }

  #release(): void {
    this.#drain = this.#resolve = this.#reject = undefined;
  }
}

const nothing = (): void => {};
