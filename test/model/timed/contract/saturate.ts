import {
  canCloseTask,
  canDispose,
  canPromote,
  canReach,
  canSeal,
  closeTask,
  endDisposing,
  endFlush,
  reach,
  seal,
} from './boundary.js';
import { advanceCut } from './cut.js';
import { freeAll, skipSilently } from './ends.js';
import type { ModelOperation, ModelTask } from './entities.js';
import { hasFlushed, nextAtBoundary, nextAtTaskEnd, nextInFlush, type Turn } from './next.js';
import { abandonAll } from './promotion.js';
import { cutDue } from './shutdown.js';
import type { World } from './world.js';

const all = (): boolean => true;

/** Everything that nobody sees has happened by now; and nothing that could have been entered is still waiting. */
export function saturate(world: World): void {
  const { operations } = world;
  for (const operation of world.live.toReversed()) cutDue(world, operation);
  const left = operations.filter(({ state, cut }) => state !== 'closed' || cut !== undefined).toReversed();
  while (left.some((operation) => advance(world, operation)));
  for (const operation of left) demand(world, operation);
}

/** Takes silent steps, and tells whether there was one. */
function advance(world: World, operation: ModelOperation): boolean {
  if (operation.state === 'closed') return advanceClosed(world, operation);
  let hasChanged = freeAll(operation.drain.running);
  if (operation.disposing?.outcome !== undefined) {
    endDisposing(operation);
    hasChanged = true;
  }
  for (const flush of operation.flushes) {
    hasChanged = freeAll(flush.drain.running) || hasChanged;
    // Nothing has shown that it has ended where it was idle before.
    flush.hasBeenIdle = false;
    if (hasFlushed(flush)) endFlush(flush);
  }
  for (const task of operation.tasks) hasChanged = advanceTask(world, task) || hasChanged;
  if (operation.state === 'open' && canReach(operation)) {
    reach(world, operation);
    hasChanged = true;
  }
  if (operation.state === 'draining') {
    const { skipped } = nextAtBoundary(operation, all);
    skipSilently(world, skipped);
    if (skipped.length > 0) hasChanged = true;
  }
  if (operation.root.state === 'closed' && canPromote(operation)) {
    abandonAll(world, operation);
    hasChanged = true;
  }
  if (!canSeal(operation)) return hasChanged;
  seal(world, operation);
  return true;
}

/** What goes on in an operation that was cut. */
function advanceClosed(world: World, operation: ModelOperation): boolean {
  for (const task of operation.tasks) advanceTask(world, task);
  return advanceCut(world, operation);
}

function advanceTask(world: World, task: ModelTask): boolean {
  if (task.state === 'closed' || task.outcome === undefined) return false;
  let hasChanged = freeAll(task.drain.running);
  const { skipped } = nextAtTaskEnd(task, all);
  skipSilently(world, skipped);
  if (skipped.length > 0) hasChanged = true;
  task.state = 'draining';
  if (!canCloseTask(task)) return hasChanged;
  closeTask(world, task);
  return true;
}

/** What has to have been entered by now. */
function demand(world: World, operation: ModelOperation): void {
  const complain = ({ work, isOptional }: Turn): void => {
    if (work !== undefined && !isOptional) world.complain(`${work.name} should have been entered by now`);
  };
  if (operation.state === 'draining') complain(nextAtBoundary(operation, all));
  for (const flush of operation.flushes) complain(nextInFlush(flush, all));
  for (const task of operation.tasks) if (task.state === 'draining') complain(nextAtTaskEnd(task, all));
  const isBusy = operation.cut?.isOver === false && operation.discards.size > 0;
  if (canDispose(operation) && !isBusy)
    world.complain(`${operation.resources.at(-1)?.label} should be disposed by now`);
  for (const work of operation.discards) {
    if (work.entered === 'nothing') world.complain(`${work.name} is ${work.state} and was not discarded`);
  }
}
