import { coalesce, mayBecomeTwins, twinOf } from './coalescing.js';
import { drop } from './ends.js';
import type { ModelOperation } from './entities.js';
import { record, type World } from './world.js';

/** G18: at the seal, what waits for the root goes to the tail of the root's own queue, in registration order. */
export function promote(world: World, operation: ModelOperation): void {
  const { root, untilRoot } = operation;
  if (untilRoot.length > 0) {
    // Which of two was sealed first, nobody saw.
    const rival = world.promoting.find((each) => each.root === root && !each.isWithin(operation));
    if (rival !== undefined) world.undecided.add('in which order two operations are sealed');
    world.promoting.push(operation);
  }
  if (root.state === 'closed') return abandonAll(world, operation);
  // From this operation, or from one that is sealed right after it.
  const others = world.live.filter((each) => each !== operation && each.root === root);
  const comesMore = untilRoot.length > 1 || others.some((each) => each.untilRoot.length > 0);
  for (const work of operation.untilRoot.splice(0)) {
    for (let on: ModelOperation | undefined = operation; on !== undefined && on !== root; on = on.parent) {
      // What one that was cut short has told does not change.
      if (on !== operation && on.state === 'closed') continue;
      if (on !== operation) on.registered += 1;
      record(on, work, 'promoted');
    }
    work.operation = root;
    work.task = undefined;
    root.registered += 1;
    // When the operations on the way of two have settled, nobody saw. The model of what is awaited has these.
    if (root.own.works.some((other) => mayBecomeTwins(work, other))) {
      world.undecided.add('when promoted works become one');
    }
    const twin = twinOf(work, root.own.works);
    if (comesMore && [twin, work].some((each) => twin && each?.registration.hasDiscard))
      world.undecided.add('what a discard does while more is handed to the root');
    if (twin === undefined) root.own.works.push(work);
    else coalesce(world, work, twin, root.own);
  }
}

/** The root takes no more. */
export function abandonAll(world: World, operation: ModelOperation): void {
  const works = operation.untilRoot.splice(0);
  // What the ledgers of the operations between say, is not said.
  if (works.length > 0 && operation.parent !== operation.root) world.undecided.add('a way to a closed root');
  for (const work of works) drop(world, work, 'abandoned');
}
