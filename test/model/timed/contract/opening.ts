import { endFlush } from './boundary.js';
import { ModelFlush, ModelOperation, ModelTask, type OperationSettings, type Outcome } from './entities.js';
import { mayHaveFlushed } from './next.js';
import { Refusal } from './refusal.js';
import type { Place } from './registration.js';
import type { World } from './world.js';

/** What others nest in or join: the current operation, as long as it takes more. */
export const enclosing = ({ operation }: Place): ModelOperation | undefined =>
  operation?.state === 'closed' ? undefined : operation;

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

export function openTask(place: Place, name: string, limit: number): ModelTask {
  const { operation } = place;
  if (operation === undefined) throw new Refusal('NO_OPERATION');
  if (operation.state === 'closed') throw new Refusal('OPERATION_CLOSED');
  const task = new ModelTask(name, operation, limit, place.token);
  operation.tasks.push(task);
  return task;
}

/** The function of an operation or a task has settled. */
export function settleFunction(world: World, owner: ModelOperation | ModelTask, outcome: Outcome): void {
  owner.outcome = outcome;
  if (outcome.status === 'rejected') owner.signal.abort(outcome.reason, world.step);
}

/**
 * G12: an early boundary of the current task, or of the operation's own queue. A queue is draining while a flush works on it,
 * or while a work of it runs at the boundary.
 */
export function flush(
  world: World,
  operation: ModelOperation | undefined,
  task: ModelTask | undefined,
): ModelFlush {
  if (operation === undefined) throw new Refusal('NO_OPERATION');
  if (operation.state === 'closed') throw new Refusal('OPERATION_CLOSED');
  const queue = task?.untilOperation ?? operation.own;
  const { concurrency } = operation.settings;
  const started = new ModelFlush(queue, operation, Math.min(concurrency, task?.limit ?? concurrency));
  const running = [...operation.drain.running].filter((work) => work.task === task);
  if (queue.flush !== undefined || running.length > 0) {
    const isServed = queue.flush !== undefined && !mayHaveFlushed(queue.flush);
    if (isServed || running.some(({ outcome }) => outcome === undefined))
      throw new Refusal('DRAIN_IN_PROGRESS');
    // What serves the queue has nothing left to do: whether it has ended, nobody has seen.
    world.undecided.add('a flush while another drain of the queue ends');
  }
  if (queue.flush !== undefined) endFlush(queue.flush);
  queue.flush = started;
  operation.flushes.add(started);
  return started;
}
