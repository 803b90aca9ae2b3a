import type { ModelOperation, ModelWork } from './entities.js';
import type { Model } from './model.js';
import { outcomeFor, pathOf } from './judging.js';
import type { Queue } from './queue.js';
import { discard } from './serve.js';

/** G27: the queued works that a later one would become one with. */
export function twinsOf(work: ModelWork, queue: Queue<ModelWork>): ModelWork[] {
  return queue.works.filter((other) => areTwins(work, other));
}

function areTwins(work: ModelWork, other: ModelWork): boolean {
  const [{ options, until }, { options: others, until: otherUntil }] = [
    work.registration,
    other.registration,
  ];
  if (options.key === undefined || options.key !== others.key || work.on !== other.on) return false;
  const areOfRoot = options.until === 'root' && others.until === 'root';
  const areOwn = until === 'operation' && otherUntil === 'operation';
  if (areOfRoot && !areOwn && (options.outcomeOf ?? 'path') !== (others.outcomeOf ?? 'path')) return false;
  // In the root itself, until the root is until the operation: such a work is a twin of either kind.
  if (until !== otherUntil && !areOfRoot) return false;
  return work.on === 'always' || standingOf(work) === standingOf(other);
}

/** Which operation is the next to judge a work, if it is not judged yet. */
function standingOf(work: ModelWork): ModelOperation | 'failed' | 'succeeded' {
  if (outcomeFor(work)?.status === 'rejected') return 'failed';
  const judges = work.isJudgedAlone ? pathOf(work) : [...pathOf(work), work.operation];
  return judges.find((on) => on.known === undefined) ?? 'succeeded';
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

/** G27: makes those works in an operation's queue one that have become twins there. */
export function reunite(model: Model, operation: ModelOperation): void {
  const queue = operation.untilOperation;
  const kept: ModelWork[] = [];
  const keys = new Set(queue.works.map((work) => work.registration.options.key));
  const works = [...keys].flatMap((key) =>
    queue.works.filter((work) => work.registration.options.key === key),
  );
  for (const later of works) {
    const index = later.on === 'always' ? -1 : kept.findLastIndex((earlier) => areTwins(later, earlier));
    if (index === -1) kept.push(later);
    else kept[index] = unite(model, kept[index]!, later, queue);
  }
}

function unite(model: Model, earlier: ModelWork, later: ModelWork, queue: Queue<ModelWork>): ModelWork {
  if (earlier.isUnmerged || later.isUnmerged)
    model.undecided.add('a twin of works that could not become one');
  const how = later.registration.options.coalesce ?? 'last';
  if (typeof how === 'function') {
    try {
      later.data = how(earlier.data, later.data);
    } catch (error) {
      earlier.isUnmerged = later.isUnmerged = true;
      model.fail(later.operation, error, later.row('failed'));
      return later;
    }
  }
  const [kept, left] = how === 'first' ? [earlier, later] : [later, earlier];
  queue.remove(left);
  discard(model, left, 'replaced');
  return kept;
}
