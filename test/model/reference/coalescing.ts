import type { ModelWork } from './entities.js';
import type { Model } from './model.js';
import type { Queue } from './queue.js';
import { discard } from './serve.js';

/** G27: the queued works that a later one would become one with. */
export function twinsOf(work: ModelWork, queue: Queue<ModelWork>): ModelWork[] {
  const { options, until, operation } = work.registration;
  return queue.works.filter(({ on, registration: other }) => {
    if (options.key === undefined || options.key !== other.options.key) return false;
    if (work.on !== on || until !== other.until) return false;
    // A condition speaks of the operations from where the work was registered: elsewhere, it is not the same one.
    return on === 'always' || operation === other.operation;
  });
}

/** Two twins become one. The later one's `coalesce` decides; what stays has its own options and place. */
export function coalesce(model: Model, later: ModelWork, earlier: ModelWork, queue: Queue<ModelWork>): void {
  const how = later.registration.options.coalesce ?? 'last';
  // A merge may change what it receives. What it throws leaves before anything else has changed.
  if (typeof how === 'function') later.data = how(earlier.data, later.data);
  later.operation.ledger.registered += 1;
  if (how === 'first') return discard(model, later, 'replaced');
  queue.remove(earlier);
  queue.push(later);
  discard(model, earlier, 'replaced');
}
