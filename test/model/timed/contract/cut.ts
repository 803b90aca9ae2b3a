import { endDisposing } from './boundary.js';
import { runningOf, stop } from './drains.js';
import { drop } from './ends.js';
import type { ModelOperation, ModelQueue, ModelResource, ModelTask, ModelWork, Stuck } from './entities.js';
import { promote } from './promotion.js';
import type { OwnError } from './timed-signal.js';
import type { World } from './world.js';

interface Limit {
  readonly reason: OwnError;
  /** What running works end with. */
  readonly ofWorks: OwnError;
  /** Until when its discards and disposers are waited for. */
  readonly until: number;
}

/** G23: an operation has lasted too long. Running works are aborted, queued ones abandoned, and it is closed. */
export function cut(world: World, operation: ModelOperation, { reason, ofWorks, until }: Limit): void {
  const running = runningOf(operation);
  const { disposing, tasks, own, state } = operation;
  endSkipping(operation);
  for (const work of running) stop(world, work, ofWorks);
  const ranks = tasks.flatMap((task, rank) =>
    [task.untilTask, task.untilOperation].map((queue) => ({ rank, queue })),
  );
  const queues = [...ranks, { rank: tasks.length, queue: own }];
  const groups = queues.map(({ rank, queue }) => ({ rank, works: abandon(world, queue) }));
  // What cannot be handed to the root any more; when it is discarded is not said.
  const forRoot = operation.root.state === 'closed' ? operation.untilRoot.splice(0) : [];
  for (const work of forRoot) drop(world, work, 'abandoned');
  operation.cut = {
    reason,
    at: world.now,
    until,
    wasOpen: state === 'open',
    stuck: [...running.map(asStuck), ...(disposing === undefined ? [] : [asStuck(disposing)])].toSorted(
      (a, b) => a.order - b.order,
    ),
    abandoned: [...groups.flatMap(({ works }) => works), ...forRoot],
    discards: groups.map(({ rank, works }) => ({
      rank,
      works: works.filter(({ registration }) => registration.hasDiscard),
    })),
    isOver: false,
  };
  operation.state = 'closed';
  for (const each of world.operations) {
    if (each !== operation && each.isWithin(operation) && each.outcome === undefined)
      each.leftBehind ??= reason;
  }
  operation.signal.abort(reason, world.step);
  for (const task of tasks) if (task.outcome !== undefined) task.state = 'closed';
  for (const flush of operation.flushes) flush.isOver = true;
  operation.flushes.clear();
  const isDiscarding = operation.cut.discards.some(({ works }) => works.length > 0);
  if (isDiscarding && operation.untilRoot.length > 0)
    world.undecided.add('whether the discards of a cut come before what is handed to the root');
  promote(world, operation);
}

/** A resource is the operation's. */
const asStuck = (running: ModelWork | ModelResource): Stuck => ({
  name: 'name' in running ? running.name : undefined,
  task: 'name' in running ? running.task?.name : undefined,
  since: running.enteredAt ?? 0,
  order: running.order,
});

/** A discard that has begun goes on, and is waited for as the others are. */
function endSkipping({ drain, tasks, discards }: ModelOperation): void {
  for (const { running } of [drain, ...tasks.map((task: ModelTask) => task.drain)]) {
    for (const work of running) {
      if (work.entered !== 'discard') continue;
      running.delete(work);
      work.drain = undefined;
      discards.add(work);
    }
  }
}

function abandon(world: World, queue: ModelQueue): ModelWork[] {
  const works = queue.inOrder();
  queue.works = [];
  for (const work of works) drop(world, work, 'abandoned');
  return works;
}

/** Its discards and disposers have had their time: it settles. */
export function giveUpWaiting(world: World, operation: ModelOperation): void {
  if (operation.cut === undefined || operation.cut.isOver) return;
  // Its own `drainTimeout` is an end that it has come to by itself.
  if (world.shutdown?.cut.includes(operation) === false) world.shutdown.ended += 1;
  operation.cut.isOver = true;
  operation.parent?.nested.delete(operation);
}

/** Notices that all discards and disposers of an operation that was cut have settled. */
export function advanceCut(world: World, operation: ModelOperation): boolean {
  const { cut: ended, discards, resources } = operation;
  if (ended === undefined || ended.isOver) return false;
  endDisposing(operation);
  if (discards.size > 0 || resources.length > 0 || operation.disposing !== undefined) return false;
  giveUpWaiting(world, operation);
  return true;
}
