import { canCloseTask, canPromote, canReach, canSeal, closeTask, reach, seal } from '../contract/boundary.js';
import { advanceCut } from '../contract/cut.js';
import { cutDue } from '../contract/shutdown.js';
import type { ModelOperation, ModelTask, ModelWork } from '../contract/entities.js';
import { hasFlushed } from '../contract/next.js';
import { abandonAll } from '../contract/promotion.js';
import { noticeSkipped } from '../contract/starts.js';
import type { World } from '../contract/world.js';
import type { Deferred, Operation, Task } from 'deferqueue';

interface Pairs {
  readonly world: World;
  readonly operations: readonly { readonly model: ModelOperation; readonly library: Operation }[];
  readonly tasks: readonly { readonly model: ModelTask; readonly library: Task }[];
  readonly works: readonly { readonly model: ModelWork; readonly library: Deferred }[];
}

/**
 * Takes the silent steps that the states of operations and tasks show: the boundary, the seal, the end of a task, a work that is skipped. The model
 * says whether they may have come.
 */
export function synchronize({ world, operations, tasks, works }: Pairs): void {
  const areClosed = new Set(
    operations.filter(({ library }) => library.state === 'closed').map(({ model }) => model),
  );
  world.promoting = world.promoting.filter((operation) => !areClosed.has(operation));
  for (const { flushes } of world.live) {
    for (const flush of flushes) flush.hasBeenIdle ||= hasFlushed(flush);
  }
  for (const { model, library } of operations.toReversed()) {
    if (library.state === 'closed') cutDue(world, model);
  }
  for (const operation of world.operations) advanceCut(world, operation);
  for (const { model, library } of tasks) {
    if (model.state !== library.state) noticeTask(world, model, library.state);
  }
  // Nested ones first: they are opened later.
  for (let index = operations.length - 1; index >= 0; index--) {
    const { model, library } = operations[index]!;
    if (model.state !== library.state) noticeOperation(world, model, library.state);
  }
  for (const { model, library } of works) {
    if (model.state === 'queued' && library.state === 'skipped') noticeSkipped(world, model);
  }
}

function noticeTask(world: World, task: ModelTask, state: string): void {
  if (state === 'draining' && task.outcome !== undefined) {
    if (task.state === 'open') task.state = 'draining';
  } else if (state === 'closed' && canCloseTask(task)) closeTask(world, task);
  else if (state !== 'open') world.complain(`${task.name} is ${state} too early`);
}

function noticeOperation(world: World, operation: ModelOperation, state: string): void {
  if (state === 'draining' && operation.state === 'open' && canReach(operation)) reach(world, operation);
  else if (state === 'closed' && canSeal(operation)) seal(world, operation);
  // It is behind where something else has shown already that it must have ended: see the check at quiescence.
  else if (state !== 'open' && operation.state !== 'closed')
    world.complain(`${operation.name} is ${state} too early`);
}

/** A work is discarded, and nobody has just done anything to it: an operation ends, and hands its works on. */
export function noticePromotion(world: World): void {
  for (const operation of world.live.toReversed()) {
    if (!canPromote(operation)) continue;
    if (operation.root.state === 'closed') abandonAll(world, operation);
    else seal(world, operation);
  }
}
