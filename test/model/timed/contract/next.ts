import { isSilent, wayOf } from './condition.js';
import type { ModelDrain, ModelFlush, ModelOperation, ModelQueue, ModelTask, ModelWork } from './entities.js';

/** What comes next in a drain: works that are skipped without anybody seeing it, and the one that is entered then. */
export interface Turn {
  readonly skipped: readonly ModelWork[];
  readonly work: ModelWork | undefined;
  /** Whether the contract leaves it open if that work may be entered already, or has to wait. */
  readonly isOptional: boolean;
}

/** Which of the works of a drain hold their slots: of those that have settled, that is not always known. */
export type Holds = (work: ModelWork) => boolean;

type Choice = Pick<Turn, 'work' | 'isOptional'>;

const nobody: Choice = { work: undefined, isOptional: false };

function turn(choose: (isLeft: (work: ModelWork) => boolean) => Choice): Turn {
  const skipped: ModelWork[] = [];
  const isLeft = (work: ModelWork): boolean => !skipped.includes(work);
  for (;;) {
    const choice = choose(isLeft);
    // What is skipped takes no slot.
    if (choice.work === undefined || choice.isOptional || !isSilent(choice.work))
      return { ...choice, skipped };
    skipped.push(choice.work);
  }
}

/** Whether a flush has nothing to do, and so may have ended. */
export const hasFlushed = ({ queue, drain }: ModelFlush): boolean =>
  queue.works.every(({ registration: { on } }) => on !== 'always') &&
  [...drain.running].every(({ outcome }) => outcome !== undefined);

export const mayHaveFlushed = (flush: ModelFlush): boolean => flush.hasBeenIdle || hasFlushed(flush);

/** Whether a flush works on the queue. */
const isFlushed = ({ flush }: ModelQueue): boolean => flush !== undefined && !mayHaveFlushed(flush);

const holding = ({ running }: ModelDrain, holds: Holds): ModelWork[] => [...running].filter(holds);

/**
 * G11: the first task in start order with a queued work and room. The operation's own queue is served only while no task
 * work is queued or runs; nothing is, while a resource is being disposed.
 */
export function nextAtBoundary(operation: ModelOperation, holds: Holds): Turn {
  const { drain, tasks, own, disposing } = operation;
  const running = holding(drain, holds);
  const hasSlot =
    running.length < drain.limit && (disposing === undefined || disposing.outcome !== undefined);
  return turn((isLeft) => {
    if (!hasSlot) return nobody;
    const queued = tasks.filter(({ untilOperation }) => untilOperation.works.some(isLeft));
    const hasRoom = (task: ModelTask): boolean =>
      running.filter((work) => work.task === task).length < task.limit && !isFlushed(task.untilOperation);
    const next = queued.find(hasRoom)?.untilOperation.works.find(isLeft);
    if (next !== undefined) {
      // The phases do not overlap: works of the operation's own queue that run already are waited for.
      const isWaiting = running.some(({ task }) => task === undefined);
      return isWaiting ? nobody : { work: next, isOptional: isFlushed(own) };
    }
    if (queued.length > 0 || running.some(({ task }) => task !== undefined) || isFlushed(own)) return nobody;
    const work = own.inOrder().find(isLeft);
    return work === undefined ? nobody : ownTurn(operation, work);
  });
}

/** A promoted work waits for the operations on its way, and those behind it wait, too. */
function ownTurn({ tasks }: ModelOperation, work: ModelWork): Choice {
  const way = wayOf(work);
  // What is in one that was cut short is not waited for any more.
  const awaited = way.slice(way.findLastIndex(({ cut }) => cut !== undefined) + 1);
  if (awaited.some(({ state }) => state === 'open')) return nobody;
  // It is not said whether the way is known at the boundary, at the seal, or when it has settled after a cut; nor whether works that a flush of a task
  // runs count as running from a task queue.
  const isOptional =
    awaited.some(({ state }) => state !== 'closed') ||
    way.some(({ cut }) => cut?.isOver === false) ||
    tasks.some(({ untilOperation }) => isFlushed(untilOperation));
  return { work, isOptional };
}

/** What waits for a task's own end. */
export function nextAtTaskEnd({ drain, untilTask }: ModelTask, holds: Holds): Turn {
  return turn((isLeft) =>
    holding(drain, holds).length < drain.limit
      ? { work: untilTask.works.find(isLeft), isOptional: false }
      : nobody,
  );
}

/** G12: `always` works only. */
export function nextInFlush({ queue, drain }: ModelFlush, holds: Holds): Turn {
  return turn((isLeft) => {
    const isWanted = (work: ModelWork): boolean => isLeft(work) && work.registration.on === 'always';
    return holding(drain, holds).length < drain.limit
      ? { work: queue.inOrder().find(isWanted), isOptional: false }
      : nobody;
  });
}
