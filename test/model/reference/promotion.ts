import { coalesce, twinsOf } from './coalescing.js';
import type { ModelOperation, ModelWork } from './entities.js';
import type { Model } from './model.js';
import type { ModelOutcome } from './outcome.js';

/** G18: at the seal, what waits for the root goes to the tail of the root's own queue, in registration order. */
export function promote(model: Model, { untilRoot }: ModelOperation): void {
  for (const work of untilRoot.works.splice(0)) arrive(model, work);
}

function arrive(model: Model, work: ModelWork): void {
  const { operation } = work.registration;
  const { root } = operation;
  operation.ledger.rows.push(work.row('promoted'));
  for (let on = operation.parent; on !== undefined && on !== root; on = on.parent) {
    on.ledger.registered += 1;
    on.ledger.rows.push(work.row('promoted'));
  }
  work.operation = root;
  const queue = root.untilOperation;
  const [twin] = twinsOf(work, queue);
  if (twin?.isUnmerged === true) model.undecided.add('a twin of works that could not become one');
  if (twin !== undefined) {
    try {
      return coalesce(model, work, twin, queue);
    } catch (error) {
      twin.isUnmerged = work.isUnmerged = true;
      model.fail(root, error, work.row('promoted'));
    }
  }
  root.ledger.registered += 1;
  queue.push(work);
}

/** The outcome that a work sees: of the innermost operation on its way that failed, else of where it waits. */
export function outcomeFor({ registration, operation }: ModelWork): ModelOutcome | undefined {
  for (let on: ModelOperation | undefined = registration.operation; on !== operation; on = on?.parent) {
    if (on?.outcome?.status === 'rejected') return on.outcome;
  }
  return operation.outcome;
}
