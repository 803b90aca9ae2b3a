import { isFor, isSilent, outcomeFor } from './condition.js';
import { cutDue } from './shutdown.js';
import { drop, free, skipSilently } from './ends.js';
import type { ModelDrain, ModelFlush, ModelWork, Outcome } from './entities.js';
import { checkLimits } from './invariants.js';
import { endFlush } from './boundary.js';
import { nextAtBoundary, nextAtTaskEnd, mayHaveFlushed, nextInFlush, type Holds, type Turn } from './next.js';
import type { World } from './world.js';

interface Serving {
  readonly drain: ModelDrain;
  readonly next: (holds: Holds) => Turn;
  readonly flush?: ModelFlush;
}

/** The drain that serves a queued work: that of a flush, where it is entered without an outcome. */
function servingOf(work: ModelWork, isFlushed: boolean): Serving | undefined {
  const { queue, task, operation, registration, isPromoted } = work;
  const { flush } = queue;
  if (isFlushed)
    return flush && { drain: flush.drain, next: (holds: Holds) => nextInFlush(flush, holds), flush };
  if (registration.until === 'task' && !isPromoted) {
    return task?.outcome && { drain: task.drain, next: (holds: Holds) => nextAtTaskEnd(task, holds) };
  }
  if (flush !== undefined && mayHaveFlushed(flush)) endFlush(flush);
  if (operation.state !== 'draining') return undefined;
  return { drain: operation.drain, next: (holds: Holds) => nextAtBoundary(operation, holds) };
}

/** All ways in which some of the settled works may have left their slots, the fewest first. */
function* freed(drain: ModelDrain): Generator<readonly ModelWork[]> {
  const settled = [...drain.running].filter(({ outcome }) => outcome !== undefined);
  for (let mask = 0; mask < 2 ** settled.length; mask++) {
    yield settled.filter((_, index) => mask & (1 << index));
  }
}

/** Takes a work from its queue, if it may be its turn. */
function take(world: World, work: ModelWork, isFlushed: boolean): Serving | undefined {
  const serving = servingOf(work, isFlushed);
  if (serving === undefined) {
    world.complain(`${work.name} is entered, and nothing drains its queue`);
    return undefined;
  }
  let expected: ModelWork | undefined;
  for (const free_ of freed(serving.drain)) {
    const turn = serving.next((each) => !free_.includes(each));
    expected ??= turn.work;
    if (turn.work !== work) continue;
    for (const each of free_) free(each);
    skipSilently(world, turn.skipped);
    work.queue.remove(work);
    return serving;
  }
  world.complain(`${work.name} is entered where it is the turn of ${expected?.name ?? 'nothing'}`);
  work.queue.remove(work);
  return serving;
}

function occupy(work: ModelWork, { drain }: Serving): void {
  drain.running.add(work);
  work.drain = drain;
}

/** The `run` of a work is entered. Returns the `work.outcome` that it has to see. */
export function enterRun(world: World, work: ModelWork, seen: Outcome | undefined): Outcome | undefined {
  if (work.state !== 'queued' || work.entered !== 'nothing') {
    world.complain(`${work.name} is entered, though it is ${work.state} and its ${work.entered} was entered`);
    return seen;
  }
  const isFlushed = seen === undefined;
  const serving = take(world, work, isFlushed);
  const outcome = isFlushed ? undefined : outcomeFor(work);
  if (!isFlushed && !isFor(work, outcome))
    world.complain(`${work.name} is entered, though its condition is not met`);
  work.entered = 'run';
  work.state = 'running';
  work.enteredAt = world.now;
  work.order = world.nextEntry();
  if (serving?.flush !== undefined) serving.flush.entered += 1;
  if (serving !== undefined) occupy(work, serving);
  checkLimits(world, work);
  return outcome;
}

/** The `discard` of a work is entered: in its turn if it is skipped, else since the work has ended already. */
export function enterDiscard(world: World, work: ModelWork, reason: string): void {
  if (work.entered !== 'nothing')
    return world.complain(`${work.name} is discarded after its ${work.entered}`);
  work.entered = 'discard';
  work.enteredAt = world.now;
  if (reason === 'skipped' && work.state === 'queued') return skip(world, work);
  if (reason === 'abandoned' && work.state === 'queued') cutDue(world, work.operation);
  if (work.state !== reason)
    world.complain(`${work.name} is discarded as ${reason}, and it is ${work.state}`);
  if (reason === 'abandoned') checkAbandoned(world, work);
}

/** Of what is abandoned, the queues of tasks are discarded in start order, then the operation's own in its order. */
function checkAbandoned(world: World, work: ModelWork): void {
  const groups = work.operation.cut?.discards ?? [];
  const own = groups.find(({ works }) => works.includes(work));
  // It was on its way to a root that is closed already.
  if (own === undefined) return;
  const isBefore = ({ rank, works }: (typeof groups)[number]): boolean => rank < own.rank && works.length > 0;
  if (own.works[0] !== work || groups.some(isBefore))
    world.complain(`${work.name} is abandoned before its turn`);
  own.works.splice(own.works.indexOf(work), 1);
}

function skip(world: World, work: ModelWork): void {
  const serving = take(world, work, false);
  if (isFor(work, outcomeFor(work))) world.complain(`${work.name} is skipped, though its condition is met`);
  if (serving !== undefined) occupy(work, serving);
  drop(world, work, 'skipped');
  checkLimits(world, work);
}

/** A work, which nobody has seen being skipped, is: it and those before it, if it may be their turn. */
export function noticeSkipped(world: World, work: ModelWork): void {
  const serving = servingOf(work, false);
  if (serving === undefined) return;
  const turn = serving.next(({ outcome }) => outcome === undefined);
  const before = work.queue.inOrder().slice(0, work.queue.inOrder().indexOf(work) + 1);
  // What is skipped takes no slot. So where there are several, it is not said whether it waits for a free one.
  const isOpen = serving.drain.limit > 1 || turn.isOptional;
  const isNext = isOpen && before.every(isSilent) && isServed(work);
  const skipped = turn.skipped.includes(work) ? turn.skipped : before;
  if (skipped === turn.skipped || isNext) skipSilently(world, skipped.slice(0, skipped.indexOf(work) + 1));
}

/** Whether its queue has its turn: the operation's own has none while works of tasks are queued or run. */
function isServed({ task, operation: { tasks, drain } }: ModelWork): boolean {
  if (task !== undefined) return true;
  const isBusy = [...drain.running].some((each) => each.task !== undefined && each.outcome === undefined);
  return !isBusy && tasks.every(({ untilOperation }) => untilOperation.works.every(isSilent));
}
