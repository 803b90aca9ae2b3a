import { DrainInProgressError, OperationClosedError } from './errors.js';
import type { OperationCore, Scope } from './operation.js';
import { QueueDrain } from './queue-drain.js';
import type { TaskCore } from './task.js';
import type { WorkEntry } from './work.js';

/** An early boundary: takes only works without a condition (G12). */
class FlushDrain extends QueueDrain {
  due(): boolean {
    return true;
  }

  override enter(work: WorkEntry): unknown {
    work.needDetails().flushed = true;
    return super.enter(work);
  }

  protected first(): WorkEntry | undefined {
    return this.queue.peekAlways();
  }
}

/**
 * Runs the queued `always` work of an operation's own queue or of a task's, in the lane of `place` if it is called in a
 * work that has one in a shared queue.
 * @internal
 */
export const flush = async (
  scope: OperationCore | TaskCore<OperationCore>,
  place: Scope['frame'],
): Promise<number> => {
  const { operation } = scope;
  if (operation.state === 'closed') throw new OperationClosedError('flush', operation);
  const { boundary } = operation;
  const queue = scope.task === undefined ? boundary.own : scope.task.queue;
  if (queue.flushing || boundary.runs(queue)) throw new DrainInProgressError('flush', operation);
  const room = scope.task?.concurrency ?? Infinity;
  const drain = new FlushDrain(operation, scope, queue, operation.lanesFor(room, place !== undefined), room);
  boundary.flushStarts(queue);
  operation.active++;
  try {
    const draining =
      place === undefined ? boundary.runBeside(drain) : place.lend(() => boundary.runBeside(drain));
    if (draining !== undefined) await draining;
    return drain.entered;
  } finally {
    boundary.flushEnds(queue);
    operation.leave();
  }
};
