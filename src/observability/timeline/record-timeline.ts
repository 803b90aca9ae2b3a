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
   * How many works are kept: a whole number from 0, or `Infinity`. Those that come later are only counted, and operations and tasks
   * are not limited.
   *
   * @default 100000
   */
  limit?: number | undefined;
}

/** A recording that goes on (see `recordTimeline`). */
export interface Recording extends Disposable {
  /** What was recorded up to now. The recording goes on. */
  readonly timeline: () => Timeline;
  /** Ends the recording, and gives what was recorded. A later call gives the same. */
  readonly stop: () => Timeline;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Records from here on what becomes of operations, tasks and works that begin after the call, in all runtimes of the process. Keeps their
 * names and times, and no `data`, keys or results.
 *
 * Throws a `TypeError` or `RangeError` for bad options (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
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
  const works = new Map<ObservedWork, Mutable<TimelineWork>>();
  // What has ended is not looked up again, and the objects of the library can go.
  const all = {
    operations: [] as Mutable<TimelineOperation>[],
    tasks: [] as Mutable<TimelineTask>[],
    works: [] as Mutable<TimelineWork>[],
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
        if (all.works.length >= limit) {
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
        works.set(work, row);
        all.works.push(row);
      },
      'deferqueue:work:start': ({ work }) => {
        const row = works.get(work);
        if (row === undefined) return;
        row.started = now();
        row.state = 'running';
        row.operation = work.operation.id;
      },
      'deferqueue:work:end': ({ work, report }) => {
        const row = works.get(work);
        if (row === undefined) return;
        row.ended = now();
        row.state = report.state;
        row.operation = work.operation.id;
        if ('reason' in report) row.reason = reasonText(report.reason);
        works.delete(work);
      },
    },
    (_name, error) => {
      throw error;
    },
  );

  let last: Timeline | undefined;
  const timeline = (): Timeline => {
    if (last !== undefined) return last;
    // A work that waits may have been promoted meanwhile.
    for (const [work, row] of works) row.operation = work.operation.id;
    return {
      version: 1,
      startedAt,
      duration: now(),
      operations: all.operations.map((row) => ({ ...row })),
      tasks: all.tasks.map((row) => ({ ...row })),
      works: all.works.map((row) => ({ ...row })),
      dropped,
    };
  };
  const stop = (): Timeline => {
    if (last !== undefined) return last;
    unlisten();
    last = timeline();
    operations.clear();
    tasks.clear();
    works.clear();
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
