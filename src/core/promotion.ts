import { rejected, type Outcome } from '../api/outcome.js';
import { place } from './coalesce.js';
import type { OperationCore } from './operation.js';
import type { WorkQueue } from './queue.js';
import type { WorkItem } from './work.js';

/**
 * Whether it is known what a promoted item goes by at its root: every operation on its path has ended. What still
 * runs in a terminated one is not waited for.
 */
export const isDecided = (from: OperationCore, root: OperationCore): boolean => {
  let decided = true;
  for (let each: OperationCore | undefined = from; each && each !== root; each = each.parent) {
    if (each.isTerminated) decided = true;
    else if (each.state !== 'closed') decided = false;
  }
  return decided;
};

/**
 * The outcome that a promoted item goes by: that of the innermost operation on its path that failed (G18). One whose
 * function still ran when an operation around it was terminated has not succeeded, whatever becomes of it.
 */
export const outcomeOfPath = (from: OperationCore, root: OperationCore): Outcome | undefined => {
  let lastSettled = 0;
  let terminated: OperationCore | undefined;
  for (let each: OperationCore | undefined = from; each && each !== root; each = each.parent) {
    if (each.isRejected) return each.outcome;
    if (each.isTerminated && lastSettled >= each.terminatedAt) terminated ??= each;
    lastSettled = Math.max(lastSettled, each.settledAt > 0 ? each.settledAt : Infinity);
  }
  return terminated === undefined ? root.outcome : rejected(terminated.signal.reason);
};

/**
 * Hands the items of a nested operation that wait for the root to the root's own queue, in the order in which they
 * were registered. Every ledger on the path counts them (G18).
 */
export const promote = (from: OperationCore, waiting: WorkQueue): void => {
  const { root } = from;
  for (let item = waiting.take(); item !== undefined; item = waiting.take()) {
    if (root.state === 'closed') {
      // It was terminated, and accepts nothing.
      void from.ledger.drop(item, 'abandoned');
      continue;
    }
    const report = item.report('promoted');
    for (let each: OperationCore | undefined = from; each && each !== root; each = each.parent) {
      // One on the path may have been terminated, and its ledger closed.
      if (each !== from && each.state === 'closed') continue;
      if (each !== from) each.ledger.registered++;
      each.ledger.count(report);
    }
    receive(root, item);
  }
};

/** Queues a promoted item, which is never refused. */
const receive = (root: OperationCore, item: WorkItem): void => {
  const { own } = root.order;
  root.ledger.registered++;
  item.queue = own;
  try {
    place(item);
  } catch (error) {
    // No caller can be told that a merge threw: both items stay, and the operation reports it.
    own.push(item);
    root.ledger.addFailure(`merging ${item.label}`, error, item.report('failed'));
  }
  root.queued(own);
};
