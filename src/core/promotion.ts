import type { Account } from './account.js';
import { place } from './coalescing.js';
import type { OperationState } from './surface.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/** An operation as one level of the path to the root. */
interface Level {
  readonly parent: Level | undefined;
  readonly root: Level;
  readonly state: OperationState;
  readonly account: Account;
  readonly boundary: { readonly own: WorkQueue; queued(queue: WorkQueue): void };
}

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
      if (level !== from) level.account.ledger.registered++;
      level.account.ledger.end(report);
    }
    receive(root, work);
  }
};

/** Queues a promoted work, which nothing refuses. */
const receive = (root: Level, work: WorkEntry): void => {
  const { account, boundary } = root;
  const { own } = boundary;
  account.ledger.registered++;
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
