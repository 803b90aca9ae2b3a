import { invalidRange, invalidType, invalidUse } from '../../api/invalid-argument.js';
import type { Operation, Task } from '../../api/types.js';
import type { ObservedWork } from '../channels.js';
import type { LiveOperation, LiveState, LiveTask, LiveWork } from './live-state.js';
import { clock, liveOperations, registered, started, traces } from './watch.js';

/** Options of `inspect`. */
export interface InspectOptions {
  /**
   * How many operations are listed, and how many tasks and work items of each: a whole number from
   * 0, or `Infinity`. The counts always cover all of them.
   *
   * @default 100
   */
  limit?: number | undefined;
}

/**
 * Returns what is alive now: operations that have not been closed, their tasks, and their queued and
 * running work items, each with its age.
 *
 * Importing the module starts the watch, so import it at the start of the program. Work items
 * registered before that are not listed. Operations opened before that are listed from their first
 * message on, and their age counts from there.
 *
 * Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for invalid options.
 *
 * @example
 * response.end(JSON.stringify(inspect({ limit: 20 })));
 */
export const inspect = (options: InspectOptions = {}): LiveState => {
  const limit = limitOf(options);
  const now = clock();
  const found = new Map<Operation, Found>();
  // Ids follow the order of opening, which the order of first messages may not.
  for (const operation of [...liveOperations.keys()].toSorted((one, other) => one.id - other.id)) {
    found.set(operation, { running: 0, queued: 0, items: [] });
  }
  const counts = { operations: found.size, tasks: 0, queued: 0, running: 0 };
  // Read `work.operation` here: promotion changes it.
  const count = (work: ObservedWork, state: 'running' | 'queued'): void => {
    const owner = found.get(work.operation);
    if (owner === undefined || work.state !== state) return;
    counts[state]++;
    owner[state]++;
    if (owner.items.length < limit) owner.items.push(work);
  };
  for (const work of started.keys()) count(work, 'running');
  for (const work of registered.keys()) count(work, 'queued');

  const operations: LiveOperation[] = [];
  for (const [operation, owned] of found) {
    const { since, tasks } = liveOperations.get(operation)!;
    counts.tasks += tasks?.size ?? 0;
    if (operations.length < limit) {
      operations.push(liveOperation(operation, owned, now, since, tasks, limit));
    }
  }
  return { counts, operations };
};

/** The counts of an operation and its listed work items, up to the limit. */
interface Found {
  running: number;
  queued: number;
  readonly items: ObservedWork[];
}

const limitOf = (options: InspectOptions): number => {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { limit = 100, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidUse(`Unknown option \`${unknown}\`. There is: limit`);
  const expected = 'a whole number from 0, or Infinity';
  if (typeof limit !== 'number') throw invalidType('options.limit', expected, limit);
  if (!(limit >= 0) || (limit !== Infinity && !Number.isInteger(limit))) {
    throw invalidRange('options.limit', expected, limit);
  }
  return limit;
};

const liveOperation = (
  operation: Operation,
  { running, queued, items }: Found,
  now: number,
  since: number,
  tasks: ReadonlyMap<Task, number> = new Map(),
  limit: number,
): LiveOperation => ({
  id: operation.id,
  name: operation.name ?? null,
  parent: operation.parent?.id ?? null,
  state: operation.state as LiveOperation['state'],
  ageMs: now - since,
  counts: { tasks: tasks.size, queued, running },
  tasks: Array.from(tasks)
    .slice(0, limit)
    .map(([task, at]) => liveTask(task, now - at)),
  works: items.map((work) => liveWork(work, now)),
});

const liveTask = (task: Task, ageMs: number): LiveTask => ({
  id: task.id,
  name: task.name ?? null,
  state: task.state as LiveTask['state'],
  ageMs,
});

const liveWork = (work: ObservedWork, now: number): LiveWork => {
  const { task } = work;
  const trace = traces.get(work);
  return {
    name: work.name ?? null,
    task: task === undefined ? null : { id: task.id, name: task.name ?? null },
    state: work.state as LiveWork['state'],
    ageMs: now - registered.get(work)!,
    runningMs: started.has(work) ? now - started.get(work)! : null,
    ...(trace !== undefined && { trace }),
  };
};
