import { DrainInProgressError, OperationClosedError } from '../api/errors.js';
import { SingleQueue } from './boundary-order.js';
import { drainOf, runNested } from './drain.js';
import type { OperationCore } from './operation.js';
import type { WorkScope } from './scope.js';
import type { TaskCore } from './task.js';

/**
 * Runs the queued `always` items of an operation's own queue or of a task's (G12), in the slot of `slotOwner` if it
 * is called in an item that has one in a shared queue. Returns how many have started.
 */
export const flush = async (
  owner: OperationCore | TaskCore,
  slotOwner: WorkScope | undefined,
): Promise<number> => {
  const { operation, task } = owner;
  if (operation.state === 'closed') throw new OperationClosedError('flush', operation);
  const { order } = operation;
  const queue = task === undefined ? order.own : task.queue;
  if (queue.isFlushing || order.runs(queue)) throw new DrainInProgressError('flush', operation);
  const limit = task?.concurrency ?? Infinity;
  const source = new SingleQueue(queue, limit, true);
  const drain = drainOf(operation, source, limit, slotOwner);
  order.startFlush(queue);
  operation.enter();
  try {
    const draining = runNested(drain, slotOwner);
    if (draining !== undefined) await draining;
    return drain.entered;
  } finally {
    order.endFlush(queue);
    operation.leave();
  }
};
