import type { LoopHold } from './loop-hold.js';
import { isPlainPromise, pendingOf } from './thenable.js';
import type { WorkEntry } from './work.js';

/**
 * One pass over queues: an operation's at its boundary, a task's at its end, or those of a `flush`. A drain
 * knows which work comes next and what becomes of it; a drain step decides how many run at once.
 * @internal
 */
export interface Drain {
  /** The work that was entered last and has not settled. */
  running: WorkEntry | undefined;
  /** How many works were entered. */
  entered: number;
  /** Made when there is a second work (G10). */
  hold: LoopHold | undefined;
  /** Takes the work whose turn it is. */
  next(): WorkEntry | undefined;
  /** With nothing to take: what may still bring work, or `undefined` when the drain is over. */
  rest(): PromiseLike<unknown> | undefined;
  /** Whether more work is there to be taken. */
  readonly more: boolean;
  /** Whether the work's condition is met. */
  due(work: WorkEntry): boolean;
  /** Enters the function of a work. */
  enter(work: WorkEntry): unknown;
  ran(work: WorkEntry): void;
  failed(work: WorkEntry, error: unknown): void;
  /** Ends a work whose condition is not met; what it returns, if anything, never rejects. */
  skip(work: WorkEntry): PromiseLike<unknown> | undefined;
}

/**
 * Does what can be done at once. Returns what has to be awaited before the next call (a work's own promise if
 * `drain.running` is set, else something that never rejects), or `undefined` when the drain is over.
 * @internal
 */
export type DrainStep = (drain: Drain) => PromiseLike<unknown> | undefined;

/**
 * Enters a work. Returns its promise, with `drain.running` set, or `undefined` when it has settled.
 * @internal
 */
export const begin = (drain: Drain, work: WorkEntry): PromiseLike<unknown> | undefined => {
  drain.running = work;
  drain.entered++;
  work.state = 'running';
  try {
    const result = drain.enter(work);
    if (isPlainPromise(result)) return result;
    if ((typeof result === 'object' && result !== null) || typeof result === 'function') {
      const pending = work.resource?.runInAsyncScope(pendingOf, undefined, result);
      if (pending !== undefined) return pending;
    }
  } catch (error) {
    drain.running = undefined;
    drain.failed(work, error);
    return undefined;
  }
  drain.running = undefined;
  drain.ran(work);
  return undefined;
};

/** Keeps account of the work whose promise has settled. */
const settle = (drain: Drain, error: { readonly thrown: unknown } | undefined): void => {
  const work = drain.running;
  if (work === undefined) return;
  drain.running = undefined;
  if (error === undefined) drain.ran(work);
  else drain.failed(work, error.thrown);
};

/** Runs a drain to its end; `undefined` where it has come to its end at once. @internal */
export const runDrain = (drain: Drain, step: DrainStep): Promise<void> | undefined => {
  const pending = step(drain);
  return pending === undefined ? undefined : goOn(drain, step, pending);
};

const goOn = async (
  drain: Drain,
  step: DrainStep,
  pending: PromiseLike<unknown> | undefined,
): Promise<void> => {
  while (pending !== undefined) {
    let error: { readonly thrown: unknown } | undefined;
    try {
      await pending;
    } catch (thrown) {
      error = { thrown };
    }
    // This function outlives the work: a variable of it must not keep the promise, which keeps a context (G25).
    pending = undefined;
    settle(drain, error);
    error = undefined;
    pending = step(drain);
  }
};
