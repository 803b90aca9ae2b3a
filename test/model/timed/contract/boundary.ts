import { freeAll, skipSilently } from './ends.js';
import type { ModelFlush, ModelOperation, ModelTask, ModelWork } from './entities.js';
import { mayHaveFlushed, nextAtBoundary, nextAtTaskEnd, type Turn } from './next.js';
import { promote } from './promotion.js';
import { fail, type World } from './world.js';

// The silent steps: nobody sees the moment in which a flush has ended, a task has, the boundary comes or the operation is
// sealed. `can…` tells whether it may have come; it is taken when something shows that it has, and at quiescence.

const unsettled = ({ outcome }: ModelWork): boolean => outcome === undefined;

const isServed = (turn: Turn, queued: number): boolean =>
  turn.work === undefined && turn.skipped.length === queued;

export function canCloseTask(task: ModelTask): boolean {
  if (task.state === 'closed') return true;
  if (task.outcome === undefined || [...task.drain.running].some(unsettled)) return false;
  return isServed(nextAtTaskEnd(task, unsettled), task.untilTask.works.length);
}

/** Whether all that was started in it has settled. */
function isQuiet(operation: ModelOperation): boolean {
  const { tasks, nested, functions, flushes } = operation;
  return (
    functions === 0 &&
    tasks.every(canCloseTask) &&
    [...nested].every((each) => canSeal(each)) &&
    [...flushes].every(mayHaveFlushed)
  );
}

export const canReach = (operation: ModelOperation): boolean =>
  operation.outcome !== undefined && isQuiet(operation);

/** Whether only resources are left. */
function isDrained(operation: ModelOperation): boolean {
  const { tasks, own, drain, discards, disposing } = operation;
  if (!canReach(operation) || [...drain.running].some(unsettled) || discards.size > 0) return false;
  if (disposing !== undefined && disposing.outcome === undefined) return false;
  const queued = tasks.reduce(
    (sum, { untilOperation }) => sum + untilOperation.works.length,
    own.works.length,
  );
  return isServed(nextAtBoundary(operation, unsettled), queued);
}

const hasEnded = (operation: ModelOperation): boolean =>
  isDrained(operation) && operation.resources.length === 0;

/** Whether it may have been sealed; one that was cut has to have settled. */
export function canSeal(operation: ModelOperation): boolean {
  const { state, cut, untilRoot, root } = operation;
  if (state === 'closed') return cut?.isOver !== false;
  // What cannot be handed on any more is discarded first.
  const isFree = root.state !== 'closed' || !untilRoot.some(({ registration }) => registration.hasDiscard);
  return isFree && hasEnded(operation);
}

/** Whether its works for the root may be handed on, or abandoned where the root takes no more. */
export const canPromote = (operation: ModelOperation): boolean =>
  operation.state !== 'closed' && operation.untilRoot.length > 0 && hasEnded(operation);

/** Whether the last resource may be disposed. */
export function canDispose(operation: ModelOperation): boolean {
  const { state, cut, resources, disposing } = operation;
  if (resources.length === 0) return false;
  if (cut === undefined) return state === 'draining' && isDrained(operation);
  return cut.isOver || disposing === undefined || disposing.outcome !== undefined;
}

export function endFlush(flush: ModelFlush): void {
  freeAll(flush.drain.running);
  flush.isOver = true;
  flush.operation.flushes.delete(flush);
  if (flush.queue.flush === flush) flush.queue.flush = undefined;
}

export function closeTask(world: World, task: ModelTask): void {
  if (task.state === 'closed') return;
  freeAll(task.drain.running);
  skipSilently(world, nextAtTaskEnd(task, unsettled).skipped);
  task.state = 'closed';
}

function endAllWithin(world: World, operation: ModelOperation): void {
  for (const flush of operation.flushes) endFlush(flush);
  for (const task of operation.tasks) closeTask(world, task);
  for (const nested of operation.nested) seal(world, nested);
}

/** G6: the boundary comes. */
export function reach(world: World, operation: ModelOperation): void {
  endAllWithin(world, operation);
  operation.state = 'draining';
  operation.drainsSince = world.now;
}

/** G9: nothing is left, and nothing is taken any more. */
export function seal(world: World, operation: ModelOperation): void {
  if (operation.state === 'closed') return;
  if (operation.state === 'open') reach(world, operation);
  endAllWithin(world, operation);
  freeAll(operation.drain.running);
  endDisposing(operation);
  skipSilently(world, nextAtBoundary(operation, unsettled).skipped);
  operation.state = 'closed';
  if (world.shutdown !== undefined) world.shutdown.ended += 1;
  operation.parent?.nested.delete(operation);
  promote(world, operation);
}

export function endDisposing(operation: ModelOperation): void {
  const { disposing } = operation;
  if (disposing?.outcome === undefined) return;
  operation.disposing = undefined;
  if (disposing.outcome.status === 'rejected') fail(operation, disposing.outcome.reason);
}
