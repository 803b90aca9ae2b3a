import { coalesce, reunite, twinsOf } from './coalescing.js';
import type { ModelOperation, ModelWork } from './entities.js';
import type { Model } from './model.js';

/**
 * G17, G18: at the seal, what waits for the root goes to the tail of the root's own queue, and all else that a savepoint
 * has to that of the operation around it, in the order in which it came.
 */
export function promote(model: Model, operation: ModelOperation): void {
  const { parent, root, isSavepoint } = operation;
  const queues = isSavepoint
    ? [operation.untilOperation, operation.untilRoot, ...operation.tasks.map((task) => task.untilOperation)]
    : [operation.untilRoot];
  const works = queues.flatMap((queue) => queue.works).toSorted((one, other) => one.order - other.order);
  for (const work of works) {
    // A merge of those before may have cancelled it.
    if (work.state !== 'queued' || work.operation !== operation) continue;
    work.queue.remove(work);
    arrive(model, work, work.registration.until === 'root' ? root : parent!);
  }
  if (isSavepoint)
    parent!.resources.push(...operation.resources.splice(0).map((each) => each.movedTo(parent!)));
}

function arrive(model: Model, work: ModelWork, to: ModelOperation): void {
  const from = work.operation;
  from.ledger.rows.push(work.row('promoted'));
  for (let on = from.parent; on !== undefined && on !== to; on = on.parent) {
    on.ledger.registered += 1;
    on.ledger.rows.push(work.row('promoted'));
  }
  work.operation = to;
  work.task = undefined;
  work.order = model.next();
  const queue = to.untilOperation;
  const [twin, ...others] = twinsOf(work, queue);
  if (twin?.isUnmerged === true) model.undecided.add('a twin of works that could not become one');
  if (others.length > 0) model.undecided.add('a twin of works that are none of one another');
  if (twin !== undefined) {
    try {
      return coalesce(model, work, twin, queue);
    } catch (error) {
      twin.isUnmerged = work.isUnmerged = true;
      model.fail(to, error, work.row('promoted'));
    }
  }
  to.ledger.registered += 1;
  queue.push(work);
}

/** An operation has settled: works that it judges may be twins now. */
export function settle(model: Model, operation: ModelOperation): void {
  reunite(model, operation);
  if (operation.root !== operation) reunite(model, operation.root);
}
