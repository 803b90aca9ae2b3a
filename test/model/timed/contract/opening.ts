import { ModelOperation, ModelTask, type OperationSettings, type Outcome } from './entities.js';
import { noteHandingOn, Refusal, refuseClosed } from './refusal.js';
import type { Place } from './registration.js';
import type { World } from './world.js';

/** What others nest in or join: the current operation, as long as it takes more. */
export function enclosing(world: World, { operation }: Place): ModelOperation | undefined {
  if (operation?.state !== 'closed') return operation;
  noteHandingOn(world, operation);
  return undefined;
}

export function open(
  world: World,
  parent: ModelOperation | undefined,
  settings: OperationSettings,
): ModelOperation {
  if (parent === undefined && world.shutdown !== undefined) throw new Refusal('SHUTTING_DOWN');
  const operation = new ModelOperation(world.operations.length, settings, parent);
  world.operations.push(operation);
  return operation;
}

export function openTask(world: World, place: Place, name: string, limit: number): ModelTask {
  const { operation } = place;
  if (operation === undefined) throw new Refusal('NO_OPERATION');
  refuseClosed(world, operation);
  const task = new ModelTask(name, operation, limit, place.token);
  operation.tasks.push(task);
  return task;
}

/** The function of an operation or a task has settled. */
export function settleFunction(world: World, owner: ModelOperation | ModelTask, outcome: Outcome): void {
  owner.outcome = outcome;
  if (outcome.status === 'rejected') owner.signal.abort(outcome.reason, world.step);
}
