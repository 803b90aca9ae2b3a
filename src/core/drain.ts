import { heard, publish, workStart } from '../diagnostics/channels.js';
import type { Account } from './account.js';
import type { Bell } from './bell.js';
import { Deadline } from './deadline.js';
import { WorkTimeoutError } from './errors.js';
import type { LoopHold } from './loop-hold.js';
import { isPlainPromise, pendingOf, whenSettled } from './thenable.js';
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
  /** Whether a work without options can be limited in time, or is to note when it was entered. */
  readonly limits: boolean;
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
  /** Takes the work that `peek` has just returned. */
  take(work: WorkEntry): void;
  /** Takes the work whose turn it is. */
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
export const begin = (drain: Drain, work: WorkEntry): Promise<unknown> | undefined => {
  drain.running = work;
  drain.entered++;
  work.state = 'running';
  if (drain.limits || work.details !== undefined) prepare(drain, work);
  if (heard(workStart) && !work.isResource) publish(workStart, { work });
  try {
    return settling(drain, work, drain.enter(work));
  } catch (error) {
    failing(drain, work, error);
    return undefined;
  }
};

/** The work has thrown. @internal */
export const failing = (drain: Drain, work: WorkEntry, error: unknown): void => {
  if (!isOver(work)) drain.account.fail(work, error);
  drain.running = undefined;
};

/** What is to be awaited for what a work returned; `undefined` if it has settled. It throws what the value throws. @internal */
export const settling = (drain: Drain, work: WorkEntry, result: unknown): Promise<unknown> | undefined => {
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
  drain.running = undefined;
  return undefined;
};

const prepare = (drain: Drain, work: WorkEntry): void => {
  const timeout = work.details?.timeout ?? (work.isResource ? undefined : drain.timeout);
  if (timeout !== undefined && timeout !== Infinity) limit(drain, work, timeout);
  if (drain.timed) work.needDetails().enteredAt = performance.now();
};

const awaitable = (work: WorkEntry, result: unknown): Promise<unknown> | undefined => {
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

/** Who waits for a drain that did not come to its end at once. @internal */
export interface DrainEnd {
  drained(): void;
  /** The drain itself has failed, which no work can make it do. */
  broken(error: unknown): void;
}

/**
 * Runs a drain to its end. Returns whether it has come to its end at once; where it has not, `end` is told.
 * @internal
 */
export const runDrain = (drain: Drain, end: DrainEnd): boolean => {
  const pending = drain.lanes.step(drain);
  if (pending === undefined) return true;
  new DrainLoop(drain, end).go(pending);
  return false;
};

/** The same, with a promise; `undefined` where it has come to its end at once. @internal */
export const drainOf = (drain: Drain): Promise<void> | undefined => {
  const pending = drain.lanes.step(drain);
  if (pending === undefined) return undefined;
  return new Promise((drained, broken) => {
    new DrainLoop(drain, { drained, broken }).go(pending);
  });
};

/**
 * Waits for what a drain has to wait for, and can be made to stop waiting for it. What is waited for may never settle and
 * keeps this object then: so a loop that was left holds nothing (G25).
 * @internal
 */
export class DrainLoop {
  #drain: Drain | undefined;
  #end: DrainEnd | undefined;
  #waits = false;

  constructor(drain: Drain, end: DrainEnd) {
    this.#drain = drain;
    this.#end = end;
    drain.loop = this;
  }

  go(pending: PromiseLike<unknown>): void {
    this.#waits = true;
    void whenSettled(pending, this.fulfilled, this.rejected);
  }

  /** Somebody else waits, and will tell this when it has settled. */
  adopt(): this {
    this.#waits = true;
    return this;
  }

  /** Goes on without what it waits for. */
  leave(): void {
    if (!this.#waits || this.#drain === undefined) return;
    const next = new DrainLoop(this.#drain, this.#end!);
    this.#release();
    next.#step();
  }

  /** Ends the drain as far as whoever waits for it is concerned. */
  end(): void {
    const end = this.#end;
    if (this.#drain?.loop === this) this.#drain.loop = undefined;
    this.#release();
    end?.drained();
  }

  readonly fulfilled = (): void => {
    const drain = this.#drain;
    if (drain === undefined) return;
    this.#waits = false;
    const work = drain.running;
    if (work !== undefined) {
      drain.running = undefined;
      drain.account.ran(work);
    }
    this.#step();
  };

  readonly rejected = (error: unknown): void => {
    const drain = this.#drain;
    if (drain === undefined) return;
    this.#waits = false;
    const work = drain.running;
    if (work !== undefined) {
      drain.running = undefined;
      drain.account.fail(work, error);
    }
    this.#step();
  };

  #step(): void {
    const drain = this.#drain!;
    try {
      const pending = drain.lanes.step(drain);
      // What runs in a step may have cut the operation short.
      if (this.#drain === undefined) ignore(pending);
      else if (pending === undefined) this.end();
      else this.go(pending);
    } catch (error) {
      const end = this.#end;
      this.#release();
      end?.broken(error);
    }
  }

  #release(): void {
    this.#drain = this.#end = undefined;
  }
}

const nothing = (): void => {};
