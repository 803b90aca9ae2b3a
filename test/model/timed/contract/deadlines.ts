import { cut, giveUpWaiting } from './cut.js';
import { runningOf, stop } from './drains.js';
import type { ModelOperation } from './entities.js';
import { passGrace } from './shutdown.js';
import { OwnError } from './timed-signal.js';
import type { World } from './world.js';

interface Deadline {
  readonly at: number;
  readonly pass: () => void;
}

function* deadlinesOf(world: World, operation: ModelOperation): Generator<Deadline> {
  const { settings, state, drainsSince } = operation;
  for (const work of runningOf(operation)) {
    const { timeout } = work.registration;
    yield {
      at: work.enteredAt + timeout,
      pass: () => stop(world, work, new OwnError('WORK_TIMEOUT', timeout)),
    };
  }
  if (state === 'draining')
    yield { at: drainsSince + settings.drainTimeout, pass: () => passDrainTimeout(world, operation) };
  if (operation.cut?.isOver === false)
    yield { at: operation.cut.until, pass: () => giveUpWaiting(world, operation) };
}

function passDrainTimeout(world: World, operation: ModelOperation): void {
  const { drainTimeout } = operation.settings;
  cut(world, operation, {
    reason: new OwnError('DRAIN_TIMEOUT'),
    ofWorks: new OwnError('WORK_TIMEOUT', drainTimeout),
    until: world.now + drainTimeout,
  });
}

function allDeadlines(world: World): Deadline[] {
  const deadlines = world.operations.flatMap((operation) => [...deadlinesOf(world, operation)]);
  const { shutdown } = world;
  if (shutdown === undefined || shutdown.isOver) return deadlines;
  return [...deadlines, { at: shutdown.until, pass: () => passGrace(world, shutdown) }];
}

/** When the next deadline is over. */
export const nextDeadline = (world: World): number => Math.min(...allDeadlines(world).map(({ at }) => at));

/** The time has come to where it is now. */
export function passDeadlines(world: World): void {
  const due = allDeadlines(world).filter(({ at }) => at === world.now);
  if (due.length > 1) world.undecided.add('two deadlines at once');
  for (const { pass } of due) pass();
}
