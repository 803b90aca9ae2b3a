import { OperationClosedError } from '../api/errors.js';
import type { WorkItem } from './work.js';

/**
 * Queues an item in its queue, or makes it one with its queued twin, as its `coalesce` says (G27). A merge that
 * throws leaves everything as it was. `onPlaced` is called when nothing can throw any more, before an item ends.
 */
export const place = (item: WorkItem, onPlaced?: (item: WorkItem) => void): void => {
  const { options, queue } = item;
  const twin = options?.key === undefined ? undefined : queue.twinOf(item);
  if (twin === undefined || options === undefined) {
    queue.push(item);
    onPlaced?.(item);
    return;
  }
  const { operation } = queue.owner;
  if (options.coalesce === 'first') {
    onPlaced?.(item);
    void operation.ledger.drop(item, 'replaced');
    return;
  }
  if (typeof options.coalesce !== 'function') {
    onPlaced?.(item);
    replace(twin, item);
    return;
  }
  options.data = item.resource?.runInAsyncScope(options.coalesce, undefined, twin.data, options.data);
  // The merge was the user's code, after which anything may be different.
  if (operation.state === 'closed') throw new OperationClosedError('defer', operation);
  onPlaced?.(item);
  if (options.signal?.aborted) {
    options.reason = { value: options.signal.reason };
    void operation.ledger.drop(item, 'cancelled');
    return;
  }
  replace(queue.twinOf(item), item);
};

const replace = (twin: WorkItem | undefined, item: WorkItem): void => {
  const { queue } = item;
  if (twin !== undefined) queue.remove(twin);
  queue.push(item);
  if (twin !== undefined) void queue.owner.operation.ledger.drop(twin, 'replaced');
};
