import { refusal } from './warning.js';
import type { WorkItem } from './work.js';

/**
 * Queues an item in its queue, or makes it one with its queued twin, as its `coalesce` says (G27). A merge that
 * throws leaves everything as it was. `onPlaced` is called when nothing can throw any more, before an item ends.
 */
export const place = (item: WorkItem, onPlaced: (item: WorkItem) => void): void => {
  const { options, queue } = item;
  const twins = options?.key === undefined ? [] : queue.twinsOf(item);
  if (twins.length === 0 || options === undefined) {
    queue.push(item);
    onPlaced(item);
    return;
  }
  const { operation } = queue.owner;
  if (options.coalesce === 'first') {
    onPlaced(item);
    void operation.ledger.drop(item, 'replaced');
    return;
  }
  if (typeof options.coalesce !== 'function') {
    onPlaced(item);
    replace(twins, item);
    return;
  }
  for (const twin of twins) options.data = merge(twin, item, options.coalesce);
  // The merge was the user's code, after which anything may be different. A promoted item may have been cancelled.
  if (item.state !== 'queued') return;
  if (operation.state === 'closed' && !options.isPlacing) throw refusal('defer', operation, item.title);
  onPlaced(item);
  if (operation.state === 'closed') return;
  if (options.signal?.aborted) {
    options.reason = { value: options.signal.reason };
    void operation.ledger.drop(item, 'cancelled');
    return;
  }
  replace(queue.twinsOf(item), item);
};

/**
 * Makes two queued items one, as the `coalesce` of the later one says. Returns the one that stays; the later one, where
 * both do because their merge threw. That is a failure of the later one, since no caller can be given it.
 */
export const unite = (earlier: WorkItem, later: WorkItem): WorkItem => {
  const options = later.options!;
  const { queue } = later;
  const { operation } = queue.owner;
  let [kept, left] = [later, earlier];
  if (options.coalesce === 'first') {
    [kept, left] = [earlier, later];
  } else if (typeof options.coalesce === 'function') {
    if (options.staysApart) return later;
    try {
      const data = merge(earlier, later, options.coalesce);
      if (earlier.state !== 'queued' || later.state !== 'queued') return later;
      options.data = data;
    } catch (error) {
      options.staysApart = true;
      operation.ledger.addFailure(`merging ${later.label}`, error, later.report('failed'), later);
      return later;
    }
  }
  queue.remove(left);
  void operation.ledger.drop(left, 'replaced');
  operation.order.removed(queue);
  operation.changed();
  return kept;
};

type Merge = (earlier: unknown, later: unknown) => unknown;

const merge = (earlier: WorkItem, later: WorkItem, coalesce: Merge): unknown =>
  later.resource?.runInAsyncScope(coalesce, undefined, earlier.data, later.data);

const replace = (twins: readonly WorkItem[], item: WorkItem): void => {
  const { queue } = item;
  const { operation } = queue.owner;
  const [first, ...others] = twins;
  if (first !== undefined) queue.remove(first);
  queue.push(item);
  if (first !== undefined) void operation.ledger.drop(first, 'replaced');
  for (const twin of others) {
    // The discard of the one before may have ended it.
    if (twin.state !== 'queued') continue;
    queue.remove(twin);
    void operation.ledger.drop(twin, 'replaced');
  }
};
