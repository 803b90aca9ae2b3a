import type { Account } from './account.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/**
 * Queues a work, or makes it one with its queued twin, as the later call's `coalesce` says (G27). A merge that
 * throws leaves everything as it was.
 * @internal
 */
export const place = (work: WorkEntry, queue: WorkQueue, account: Account): void => {
  const { details } = work;
  const twin = details && twinOf(work, queue);
  if (twin === undefined || details === undefined) {
    queue.push(work);
    return;
  }
  if (details.coalesce === 'first') {
    account.dropNow(work, 'replaced');
    return;
  }
  if (typeof details.coalesce === 'function') {
    details.data = work.resource?.runInAsyncScope(details.coalesce, undefined, twin.data, details.data);
  }
  // The merge is the user's code: it may have cancelled the earlier one.
  const replaced = twin.state === 'queued';
  if (replaced) queue.remove(twin);
  queue.push(work);
  if (replaced) account.dropNow(twin, 'replaced');
};

/**
 * The queued work of the same queue with equal `key`, `on` and `until`. Conditional works promoted from
 * different operations wait for different things, so one of them cannot stand for the other.
 * @internal
 */
export const twinOf = (work: WorkEntry, queue: WorkQueue): WorkEntry | undefined => {
  const twin = queue.twinOf(work);
  if (twin === undefined || work.details?.on === 'always') return twin;
  return twin.details?.origin === work.details?.origin ? twin : undefined;
};
