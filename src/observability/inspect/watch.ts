import type { Operation, Task } from '../../api/types.js';
import type { ObservedWork } from '../channels.js';
import { listen } from '../listen.js';
import type { Listeners } from '../listen.js';

/** What is known of an operation that is alive. */
interface Life {
  /** When it was opened, or first heard of. */
  readonly since: number;
  /** Its tasks, by when they were opened. They go with it: those of one that is cut short may never be closed. */
  tasks: Map<Task, number> | undefined;
}

/** Whole milliseconds of a clock that never goes back: small numbers take no memory beside the entry. */
export const clock = (): number => Math.round(performance.now());

/** The operations that are alive, in the order in which they were first heard of. */
export const lives = new Map<Operation, Life>();
/** When each work was registered that has not ended, in that order. */
export const registered = new Map<ObservedWork, number>();
/** When each of them was started that runs, in that order. */
export const started = new Map<ObservedWork, number>();
/** Where they were registered, if that is kept. */
export const traces = new Map<ObservedWork, string>();

/** What was opened before the watch began is known from its first sign of life on. */
const meet = (operation: Operation, now: number): Life | undefined => {
  const known = lives.get(operation);
  if (known !== undefined || operation.state === 'closed') return known;
  if (operation.parent !== undefined) meet(operation.parent, now);
  const life: Life = { since: now, tasks: undefined };
  lives.set(operation, life);
  return life;
};

const listeners: Listeners = {
  'deferqueue:operation:open': ({ operation }) => {
    meet(operation, clock());
  },
  'deferqueue:operation:boundary': ({ operation }) => {
    meet(operation, clock());
  },
  'deferqueue:operation:close': ({ operation }) => {
    lives.delete(operation);
  },
  'deferqueue:task:open': ({ task }) => {
    const now = clock();
    const life = meet(task.operation, now);
    if (life !== undefined) (life.tasks ??= new Map()).set(task, now);
  },
  'deferqueue:task:close': ({ task }) => {
    lives.get(task.operation)?.tasks?.delete(task);
  },
  'deferqueue:work:register': ({ work, trace }) => {
    const now = clock();
    meet(work.operation, now);
    registered.set(work, now);
    if (trace !== undefined) traces.set(work, trace);
  },
  'deferqueue:work:start': ({ work }) => {
    const now = clock();
    if (!registered.has(work)) {
      meet(work.operation, now);
      registered.set(work, now);
    }
    started.set(work, now);
  },
  'deferqueue:work:end': ({ work }) => {
    registered.delete(work);
    started.delete(work);
    traces.delete(work);
  },
};

// The watch begins where this module is loaded.
listen(listeners, (_name, error) => {
  throw error;
});
