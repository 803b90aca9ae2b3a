import type { Operation, Task } from '../../api/types.js';
import type { ObservedWork } from '../channels.js';
import { listen } from '../listen.js';
import type { Listeners } from '../listen.js';

/** What the watch keeps of a live operation. */
interface LiveRecord {
  /** When it was opened, or when its first message arrived. */
  readonly since: number;
  /**
   * Its tasks, with the time at which each was opened. Dropped with the operation, because tasks of a
   * terminated operation may never close.
   */
  tasks: Map<Task, number> | undefined;
}

/** A monotonic clock in whole milliseconds. V8 stores small integers in the map entry itself. */
export const clock = (): number => Math.round(performance.now());

/** The live operations, in the order of their first message. */
export const liveOperations = new Map<Operation, LiveRecord>();
/** When each live work item was registered, in that order. */
export const registered = new Map<ObservedWork, number>();
/** When each running work item was started, in that order. */
export const started = new Map<ObservedWork, number>();
/** The registration stacks of live work items, if the operation keeps them. */
export const traces = new Map<ObservedWork, string>();

/** Starts to track the operation. One opened before the watch is tracked from its first message on. */
const track = (operation: Operation, now: number): LiveRecord | undefined => {
  const known = liveOperations.get(operation);
  if (known !== undefined || operation.state === 'closed') return known;
  if (operation.parent !== undefined) track(operation.parent, now);
  const record: LiveRecord = { since: now, tasks: undefined };
  liveOperations.set(operation, record);
  return record;
};

const listeners: Listeners = {
  'deferqueue:operation:open': ({ operation }) => {
    track(operation, clock());
  },
  'deferqueue:operation:boundary': ({ operation }) => {
    track(operation, clock());
  },
  'deferqueue:operation:close': ({ operation }) => {
    liveOperations.delete(operation);
  },
  'deferqueue:task:open': ({ task }) => {
    const now = clock();
    const record = track(task.operation, now);
    if (record !== undefined) (record.tasks ??= new Map()).set(task, now);
  },
  'deferqueue:task:close': ({ task }) => {
    liveOperations.get(task.operation)?.tasks?.delete(task);
  },
  'deferqueue:work:register': ({ work, trace }) => {
    const now = clock();
    track(work.operation, now);
    registered.set(work, now);
    if (trace !== undefined) traces.set(work, trace);
  },
  'deferqueue:work:start': ({ work }) => {
    const now = clock();
    if (!registered.has(work)) {
      track(work.operation, now);
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

// The watch starts when this module is loaded.
listen(listeners, (_name, error) => {
  throw error;
});
