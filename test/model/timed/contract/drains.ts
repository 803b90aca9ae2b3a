import type { ModelDrain, ModelOperation, ModelWork } from './entities.js';
import type { OwnError } from './timed-signal.js';
import { fail, record, type World } from './world.js';

/** Every drain of an operation: that of its boundary, those of its tasks' ends, and those of its flushes. */
export function drainsOf({ drain, tasks, flushes }: ModelOperation): ModelDrain[] {
  return [drain, ...tasks.map((task) => task.drain), ...[...flushes].map((flush) => flush.drain)];
}

/** What runs of an operation, in the order in which it was entered. */
export function runningOf(operation: ModelOperation): ModelWork[] {
  const running = drainsOf(operation).flatMap((drain) => [...drain.running]);
  return running
    .filter(({ entered, outcome }) => entered === 'run' && outcome === undefined)
    .toSorted((a, b) => a.order - b.order);
}

/** G23: ends a work that runs. Its signal aborts and its slot is free; what it does later is dropped. */
export function stop(world: World, work: ModelWork, reason: OwnError): void {
  work.state = 'timed-out';
  work.reason = reason;
  work.signal.abort(reason, world.step);
  work.drain?.running.delete(work);
  work.drain = undefined;
  record(work.operation, work, 'timed-out');
  fail(work.operation, reason);
}
