import { invalidRange, invalidType, invalidUse } from '../../api/invalid-argument.js';
import { reasonText } from '../labels.js';
import { listen } from '../listen.js';
import type { Outcome } from '../../api/outcome.js';
import type { Operation, Task } from '../../api/types.js';
import type { ObservedWork } from '../channels.js';
import type { Timeline, TimelineOperation, TimelineOutcome, TimelineTask, TimelineWork } from './timeline.js';

/** Options of `recordTimeline`. */
export interface RecordOptions {
  /**
   * How many work items are kept: a whole number from 0, or `Infinity`. Later ones are only counted.
   * Operations and tasks are not limited.
   *
   * @default 100000
   */
  limit?: number | undefined;
}

/** A recording in progress (see `recordTimeline`). */
export interface Recording extends Disposable {
  /** Returns what was recorded so far. The recording continues. */
  readonly timeline: () => Timeline;
  /** Ends the recording and returns the timeline. Later calls return the same timeline. */
  readonly stop: () => Timeline;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Records the operations, tasks and work items that begin after the call, in all runtimes of the
 * process. The recording keeps names, times, outcomes and reasons, but no `data`, keys or results.
 *
 * Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for invalid options.
 *
 * @example
 * const recording = recordTimeline();
 * await withOperation('checkout', checkout);
 * console.log(timelineToText(recording.stop()));
 */
export const recordTimeline = (options: RecordOptions = {}): Recording => {
  const limit = limitOf(options);
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const now = (): number => Math.round((performance.now() - start) * 1000) / 1000;
  const operations = new Map<Operation, Mutable<TimelineOperation>>();
  const tasks = new Map<Task, Mutable<TimelineTask>>();
  const items = new Map<ObservedWork, Mutable<TimelineWork>>();
  // Ended operations, tasks and items leave the maps, so that the library's objects can be collected.
  const all = {
    operations: [] as Mutable<TimelineOperation>[],
    tasks: [] as Mutable<TimelineTask>[],
    items: [] as Mutable<TimelineWork>[],
  };
  let dropped = 0;

  const unlisten = listen(
    {
      'deferqueue:operation:open': ({ operation }) => {
        const { id, name = null, parent } = operation;
        const row: Mutable<TimelineOperation> = {
          id,
          name,
          parent: parent?.id ?? null,
          opened: now(),
          boundary: null,
          closed: null,
          outcome: null,
        };
        operations.set(operation, row);
        all.operations.push(row);
      },
      'deferqueue:operation:boundary': ({ operation, outcome }) => {
        const row = operations.get(operation);
        if (row === undefined) return;
        row.boundary = now();
        row.outcome = settled(outcome);
      },
      'deferqueue:operation:close': ({ operation }) => {
        const row = operations.get(operation);
        if (row === undefined) return;
        row.closed = now();
        operations.delete(operation);
      },
      'deferqueue:task:open': ({ task }) => {
        if (!operations.has(task.operation)) return;
        const { id, name = null } = task;
        const row = { id, name, operation: task.operation.id, opened: now(), closed: null, outcome: null };
        tasks.set(task, row);
        all.tasks.push(row);
      },
      'deferqueue:task:close': ({ task, outcome }) => {
        const row = tasks.get(task);
        if (row === undefined) return;
        row.closed = now();
        row.outcome = settled(outcome);
        tasks.delete(task);
      },
      'deferqueue:work:register': ({ work, trace }) => {
        if (!operations.has(work.operation)) return;
        if (all.items.length >= limit) {
          dropped++;
          return;
        }
        const { id } = work.operation;
        const row: Mutable<TimelineWork> = {
          name: work.name ?? null,
          registeredIn: id,
          operation: id,
          task: work.task?.id ?? null,
          registered: now(),
          started: null,
          ended: null,
          state: 'queued',
          ...(trace !== undefined && { trace }),
        };
        items.set(work, row);
        all.items.push(row);
      },
      'deferqueue:work:start': ({ work }) => {
        const row = items.get(work);
        if (row === undefined) return;
        row.started = now();
        row.state = 'running';
        row.operation = work.operation.id;
      },
      'deferqueue:work:end': ({ work, report }) => {
        const row = items.get(work);
        if (row === undefined) return;
        row.ended = now();
        row.state = report.state;
        row.operation = work.operation.id;
        if ('reason' in report) row.reason = reasonText(report.reason);
        items.delete(work);
      },
    },
    (_name, error) => {
      throw error;
    },
  );

  let last: Timeline | undefined;
  const timeline = (): Timeline => {
    if (last !== undefined) return last;
    // A queued item may have been promoted.
    for (const [work, row] of items) row.operation = work.operation.id;
    return {
      version: 1,
      startedAt,
      duration: now(),
      operations: all.operations.map((row) => ({ ...row })),
      tasks: all.tasks.map((row) => ({ ...row })),
      works: all.items.map((row) => ({ ...row })),
      dropped,
    };
  };
  const stop = (): Timeline => {
    if (last !== undefined) return last;
    unlisten();
    last = timeline();
    operations.clear();
    tasks.clear();
    items.clear();
    return last;
  };
  return { timeline, stop, [Symbol.dispose]: () => void stop() };
};

const limitOf = (options: RecordOptions): number => {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { limit = 100_000, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidUse(`Unknown option \`${unknown}\`. There is: limit`);
  const expected = 'a whole number from 0, or Infinity';
  if (typeof limit !== 'number') throw invalidType('options.limit', expected, limit);
  if (!(limit >= 0) || (limit !== Infinity && !Number.isInteger(limit))) {
    throw invalidRange('options.limit', expected, limit);
  }
  return limit;
};

const settled = (outcome: Outcome): TimelineOutcome =>
  outcome.status === 'fulfilled'
    ? { status: 'fulfilled' }
    : { status: 'rejected', reason: reasonText(outcome.reason) };
