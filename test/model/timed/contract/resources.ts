import { canDispose, endDisposing } from './boundary.js';
import type { ModelOperation, ModelResource, ModelTask, Outcome } from './entities.js';
import { Refusal, refuseClosed } from './refusal.js';
import { fail, type World } from './world.js';

/** Keeps a resource until the end of the drain. */
export function use(
  world: World,
  operation: ModelOperation | undefined,
  label: string,
  token: string,
  task: ModelTask | undefined,
): ModelResource {
  if (operation === undefined) throw new Refusal('NO_OPERATION');
  refuseClosed(world, operation);
  const own = task?.operation === operation ? task : undefined;
  const resource: ModelResource = {
    label,
    operation,
    token,
    task: own,
    order: 0,
    enteredAt: undefined,
    outcome: undefined,
  };
  operation.resources.push(resource);
  return resource;
}

/** G7: the last one first, one at a time, when nothing else is left. */
export function enterDispose(world: World, resource: ModelResource): void {
  const { operation, label } = resource;
  if (resource.enteredAt !== undefined) world.complain(`${label} is disposed twice`);
  if (!canDispose(operation) || operation.resources.at(-1) !== resource)
    world.complain(`${label} is disposed before its turn`);
  // Whether what fails in it is in time for the result, is not said.
  if (operation.cut !== undefined && (operation.cut.isOver || world.now >= operation.cut.until)) {
    world.undecided.add('a disposal when the time of a cut is over');
  }
  endDisposing(operation);
  operation.resources.splice(operation.resources.indexOf(resource), 1);
  operation.disposing = resource;
  resource.enteredAt = world.now;
  resource.order = world.nextEntry();
}

export function settleDispose(resource: ModelResource, outcome: Outcome): void {
  const { operation } = resource;
  resource.outcome = outcome;
  if (operation.cut?.isOver !== true) return;
  // Nobody waits for it any more.
  if (operation.disposing === resource) operation.disposing = undefined;
  if (outcome.status === 'rejected') fail(operation, outcome.reason);
}
