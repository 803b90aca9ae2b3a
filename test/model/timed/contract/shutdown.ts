import { canSeal } from './boundary.js';
import { cut, giveUpWaiting } from './cut.js';
import { drainsOf } from './drains.js';
import type { ModelOperation, Shutdown } from './entities.js';
import { OwnError } from './timed-signal.js';
import type { World } from './world.js';

/** G23a: no new root is opened any more, and what is live is waited for. */
export function shutDown(world: World, grace: number): Shutdown {
  world.shutdown ??= { grace, until: world.now + grace, due: new Set(), cut: [], ended: 0, isOver: false };
  return world.shutdown;
}

/** The grace is over: what is live is cut. The second time, nothing is waited for any more. */
export function passGrace(world: World, shutdown: Shutdown): void {
  if (shutdown.cut.length > 0 || isShutDown(world, shutdown)) {
    shutdown.isOver = true;
    for (const operation of shutdown.cut) giveUpWaiting(world, operation);
    return;
  }
  if (world.operations.some((operation) => operation.cut?.isOver === false))
    world.undecided.add('the grace is over while an operation that was cut already has not settled');
  shutdown.until = world.now + shutdown.grace;
  for (const operation of world.live) shutdown.due.add(operation);
}

/**
 * Cuts an operation that is due, nested ones first. Else the order is not said: what the discards and disposers of one do
 * to another, depends on which was first.
 */
export function cutDue(world: World, operation: ModelOperation): void {
  const { shutdown } = world;
  if (shutdown?.due.delete(operation) !== true) return;
  if ([...operation.nested].some((nested) => shutdown.due.has(nested)))
    world.complain(`${operation.name} is cut before what is nested in it`);
  const held = drainsOf(operation).flatMap(({ running }) => [...running]);
  if (held.some(({ outcome }) => outcome !== undefined) || canSeal(operation))
    world.undecided.add('something settles in the moment in which its operation is cut');
  const reason = new OwnError('SHUTTING_DOWN');
  cut(world, operation, { reason, ofWorks: reason, until: Infinity });
  shutdown.cut.push(operation);
}

/** Whether it may resolve: when every live operation has settled, and all that were cut are over. */
export function isShutDown(world: World, { isOver }: Shutdown): boolean {
  return (
    isOver || world.operations.every(({ state, cut: ended }) => state === 'closed' && ended?.isOver !== false)
  );
}
