import type { Account } from './account.js';
import { place } from './coalescing.js';
import { rejected } from './outcome.js';
import type { Outcome } from './outcome.js';
import type { Operation, OperationState } from './surface.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/** An operation as one level of the path to the root. */
interface Level {
  readonly parent: Level | undefined;
  readonly root: Level;
  readonly state: OperationState;
  registered: number;
  readonly account: Account;
  readonly boundary: { readonly own: WorkQueue; queued(queue: WorkQueue): void };
}

/** An operation on the way of a promoted work, as to how it ended. @internal */
export interface Way extends Operation {
  readonly parent: Way | undefined;
  readonly rejected: boolean;
  readonly outcome: Outcome | undefined;
  readonly settledAt: number;
  readonly cutAt: number;
}

/** Counts the operations of the process that were cut short: what happened before which of them. @internal */
export const cuts = { sofar: 1 };

/**
 * Whether it is known what a promoted work goes by at its root: every operation on its way has ended. What goes on in
 * one that was cut short is not waited for any more.
 * @internal
 */
export const isDecided = (from: Way, root: Operation): boolean => {
  let decided = true;
  for (let level: Way | undefined = from; level && level !== root; level = level.parent) {
    if (level.cutAt > 0) decided = true;
    else if (level.state !== 'closed') decided = false;
  }
  return decided;
};

/**
 * The outcome that a promoted work goes by: that of the innermost operation on its way that failed (G18). One whose
 * function still ran when an operation around it was cut short has not succeeded, whatever becomes of it.
 * @internal
 */
export const outcomeOfWay = (from: Way, root: Way): Outcome | undefined => {
  let lastSettled = 0;
  let cut: Way | undefined;
  for (let level: Way | undefined = from; level && level !== root; level = level.parent) {
    if (level.rejected) return level.outcome;
    if (level.cutAt > 0 && lastSettled >= level.cutAt) cut ??= level;
    lastSettled = Math.max(lastSettled, level.settledAt > 0 ? level.settledAt : Infinity);
  }
  return cut === undefined ? root.outcome : rejected(cut.signal.reason);
};

/**
 * Hands the works of a nested operation that wait for the root to the root's own queue, in the order in which
 * they were registered. Every ledger on the way counts them (G18).
 * @internal
 */
export const promote = (from: Level, waiting: WorkQueue): void => {
  const { root } = from;
  for (let work = waiting.take(); work !== undefined; work = waiting.take()) {
    if (root.state === 'closed') {
      // It was cut short, and takes nothing any more.
      void from.account.drop(work, 'abandoned');
      continue;
    }
    const report = work.report('promoted');
    for (let level: Level | undefined = from; level && level !== root; level = level.parent) {
      // The same may have happened to one on the way, whose ledger is closed.
      if (level !== from && level.state === 'closed') continue;
      const { account } = level;
      if (level !== from) level.registered++;
      account.count(report);
    }
    receive(root, work);
  }
};

/** Queues a promoted work, which nothing refuses. */
const receive = (root: Level, work: WorkEntry): void => {
  const { account, boundary } = root;
  const { own } = boundary;
  root.registered++;
  work.home = own;
  try {
    place(work, own, account);
  } catch (error) {
    // There is no caller who could be told that a merge threw: both works stay, and the operation tells it.
    own.push(work);
    account.failures.add(`merging ${work.label}`, error, work.report('failed'));
  }
  boundary.queued(own);
};
