import { drop } from './ends.js';
import type { ModelQueue, ModelWork } from './entities.js';
import type { World } from './world.js';

/** G27: the queued work that a later one becomes one with. */
export function twinOf(work: ModelWork, queued: readonly ModelWork[]): ModelWork | undefined {
  const { key, on, until, operation } = work.registration;
  if (key === undefined) return undefined;
  return queued.find(({ registration: other }) => {
    if (key !== other.key || on !== other.on || until !== other.until) return false;
    // A condition speaks of the operations from where the work was registered: elsewhere, it is not the same one.
    return on === 'always' || operation === other.operation;
  });
}

/** Whether the outcomes of other operations may make them one, or the root's own work for the root is a third. */
export const mayBecomeTwins = (
  { registration: one }: ModelWork,
  { registration: other }: ModelWork,
): boolean => {
  if (one.key === undefined || one.key !== other.key || one.on !== other.on) return false;
  const isOfRoot = one.until !== other.until && (one.isOfRoot || other.isOfRoot);
  return isOfRoot || (one.on !== 'always' && one.until === other.until && one.operation !== other.operation);
};

export const merge = (earlier: number, later: number): number => earlier * 100 + later;

/** Two twins become one. The later one's `coalesce` decides; what stays has its own options and place. */
export function coalesce(
  world: World,
  later: ModelWork,
  earlier: ModelWork,
  queue: Pick<ModelQueue, 'works'>,
): void {
  const { coalescing } = later.registration;
  if (coalescing === 'first') return drop(world, later, 'replaced');
  if (coalescing === 'merge') later.data = merge(earlier.data, later.data);
  queue.works = queue.works.filter((each) => each !== earlier);
  queue.works.push(later);
  drop(world, earlier, 'replaced');
}
