import type { Account } from './account.js';
import { OperationClosedError } from './errors.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/**
 * Queues a work, or makes it one with its queued twin, as the later call's `coalesce` says (G27). A merge that
 * throws leaves everything as it was. `placed` is called when nothing can throw any more, and before anything of the
 * works ends.
 * @internal
 */
export const place = (
  work: WorkEntry,
  queue: WorkQueue,
  account: Account,
  placed?: (work: WorkEntry) => void,
): void => {
  const { details } = work;
  const twin = details && queue.twinOf(work);
  if (twin === undefined || details === undefined) {
    queue.push(work);
    placed?.(work);
    return;
  }
  if (details.coalesce === 'first') {
    placed?.(work);
    void account.drop(work, 'replaced');
    return;
  }
  if (typeof details.coalesce !== 'function') {
    placed?.(work);
    replace(twin, work, queue, account);
    return;
  }
  details.data = work.resource?.runInAsyncScope(details.coalesce, undefined, twin.data, details.data);
  // The merge was the user's code, after which anything may be different.
  if (queue.operation.state === 'closed') throw new OperationClosedError('defer', queue.operation);
  placed?.(work);
  if (details.signal?.aborted) {
    details.reason = { thrown: details.signal.reason };
    void account.drop(work, 'cancelled');
    return;
  }
  replace(queue.twinOf(work), work, queue, account);
};

const replace = (twin: WorkEntry | undefined, work: WorkEntry, queue: WorkQueue, account: Account): void => {
  if (twin !== undefined) queue.remove(twin);
  queue.push(work);
  if (twin !== undefined) void account.drop(twin, 'replaced');
};
