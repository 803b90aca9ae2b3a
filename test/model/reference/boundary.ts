import type { ModelOperation, ModelResource, ModelTask, ModelWork } from './entities.js';
import type { Model } from './model.js';
import { outcomeOf, type ModelOutcome } from './outcome.js';
import { outcomeFor } from './judging.js';
import { promote, settle } from './promotion.js';
import { serve } from './serve.js';

/** The end of an operation (G6–G9): serves what is queued until nothing is left, and takes no more from then on. */
export function reachBoundary(model: Model, operation: ModelOperation, outcome: ModelOutcome): void {
  operation.outcome = outcome;
  settle(model, operation);
  if (outcome.status === 'rejected') operation.signal.abort(outcome.reason);
  operation.state = 'draining';
  if (!operation.isSavepoint) while (takeTurn(model, operation));
  operation.state = 'closed';
  promote(model, operation);
}

/** A work of the first task that has one, else one of the operation's queue, else the last resource. */
function takeTurn(model: Model, operation: ModelOperation): boolean {
  const work = nextWork(operation);
  if (work === undefined) return disposeLast(model, operation);
  serve(model, work, outcomeFor(work));
  return true;
}

function nextWork(operation: ModelOperation): ModelWork | undefined {
  const owner = operation.tasks.find((task) => !task.untilOperation.isEmpty) ?? operation;
  return owner.untilOperation.take();
}

function disposeLast(model: Model, operation: ModelOperation): boolean {
  return dispose(model, operation, operation.resources);
}

function dispose(model: Model, operation: ModelOperation, resources: ModelResource[]): boolean {
  const resource = resources.pop();
  if (resource === undefined) return false;
  operation.live += 1;
  const ended = outcomeOf(() => model.within(resource.context, resource.dispose));
  operation.live -= 1;
  if (ended.status === 'rejected') {
    model.fail(operation, ended.reason, { name: 'dispose', state: 'failed' });
  }
  return true;
}

/** The end of a task (G7): serves what waits for its function alone. */
export function endTask(model: Model, task: ModelTask, outcome: ModelOutcome): void {
  if (outcome.status === 'rejected') task.signal.abort(outcome.reason);
  task.state = 'draining';
  let hasMore = true;
  while (hasMore) {
    const work = task.untilTask.take();
    if (work === undefined) hasMore = dispose(model, task.owner, task.resources);
    else serve(model, work, outcome);
  }
  task.state = 'closed';
}
