import { labelled, quoted } from '../labels.js';
import type { Timeline, TimelineOperation, TimelineTask, TimelineWork } from './timeline.js';

/** A row of a timeline: one operation, task or work item. @internal */
export interface Row {
  readonly kind: 'operation' | 'task' | 'work';
  /** How many levels it is below a root. */
  readonly depth: number;
  readonly label: string;
  /** Its state, in one or two words. */
  readonly state: string;
  readonly isBad: boolean;
  /** What it failed with or was cancelled with. */
  readonly reason: string | undefined;
  readonly trace: string | undefined;
  /** When it begins. */
  readonly from: number;
  /** When its second part begins: the boundary of an operation, the start of a work item. */
  readonly middle: number | undefined;
  /** When it ends; the end of the recording if it has not ended. */
  readonly to: number;
  readonly hasEnded: boolean;
  /** How long it ran, including an operation's drain; `undefined` for an item that never started. */
  readonly took: number | undefined;
}

const BAD: ReadonlySet<string> = new Set(['failed', 'timed-out', 'abandoned']);

/**
 * The tree of a timeline from the top down, in the order of time. Tasks are below their operation, and
 * work items below the task or operation that they were registered in.
 * @internal
 */
export const rowsOf = ({ operations, tasks, works, duration }: Timeline): Row[] => {
  const known = new Set(operations.map(({ id }) => id));
  const children = groupBy(operations, ({ parent }) =>
    parent !== null && known.has(parent) ? parent : null,
  );
  const tasksOf = groupBy(tasks, ({ operation }) => operation);
  const ofTask = groupBy(
    works.filter(({ task }) => task !== null),
    ({ task }) => task!,
  );
  const ofOperation = groupBy(
    works.filter(({ task }) => task === null),
    ({ registeredIn }) => registeredIn,
  );
  const rows: Row[] = [];
  const visited = new Set<TimelineOperation>();

  const addTask = (task: TimelineTask, depth: number): void => {
    rows.push(taskRow(task, depth, duration));
    for (const work of ofTask.get(task.id) ?? []) rows.push(workRow(work, depth + 1, duration));
  };
  const addOperation = (operation: TimelineOperation, depth: number): void => {
    // Ids repeat if copies of the package do not share a runtime.
    if (visited.has(operation)) return;
    visited.add(operation);
    rows.push(operationRow(operation, depth, duration));
    const { id } = operation;
    const below = [
      ...(tasksOf.get(id) ?? []).map((task) => ({
        at: task.opened,
        add: () => {
          addTask(task, depth + 1);
        },
      })),
      ...(ofOperation.get(id) ?? []).map((work) => ({
        at: work.registered,
        add: () => void rows.push(workRow(work, depth + 1, duration)),
      })),
      ...(children.get(id) ?? []).map((child) => ({
        at: child.opened,
        add: () => {
          addOperation(child, depth + 1);
        },
      })),
    ];
    for (const one of below.toSorted((first, second) => first.at - second.at)) one.add();
  };
  for (const root of children.get(null) ?? []) addOperation(root, 0);
  return rows;
};

const groupBy = <T, Key>(all: readonly T[], keyOf: (one: T) => Key): Map<Key, T[]> => {
  const groups = new Map<Key, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
};

const operationRow = (
  { id, name, opened, boundary, closed, outcome }: TimelineOperation,
  depth: number,
  now: number,
): Row => ({
  kind: 'operation',
  depth,
  label: labelled(name, id),
  state: outcome?.status ?? (closed === null ? 'open' : 'terminated'),
  isBad: outcome === null ? closed !== null : outcome.status === 'rejected',
  reason: outcome?.reason,
  trace: undefined,
  from: opened,
  middle: boundary ?? undefined,
  to: closed ?? now,
  hasEnded: closed !== null,
  took: (closed ?? now) - opened,
});

const taskRow = ({ id, name, opened, closed, outcome }: TimelineTask, depth: number, now: number): Row => ({
  kind: 'task',
  depth,
  label: `task ${labelled(name, id)}`,
  state: outcome?.status ?? 'open',
  isBad: outcome?.status === 'rejected',
  reason: outcome?.reason,
  trace: undefined,
  from: opened,
  middle: undefined,
  to: closed ?? now,
  hasEnded: closed !== null,
  took: (closed ?? now) - opened,
});

const workRow = (work: TimelineWork, depth: number, now: number): Row => {
  const { name, state, reason, trace, registered, started, ended, registeredIn, operation } = work;
  const promoted = operation === registeredIn ? '' : ` → #${operation}`;
  return {
    kind: 'work',
    depth,
    label: (name === null ? '(unnamed)' : quoted(name)) + promoted,
    state,
    isBad: BAD.has(state),
    reason,
    trace,
    from: registered,
    middle: started ?? undefined,
    to: ended ?? now,
    hasEnded: ended !== null,
    took: started === null ? undefined : (ended ?? now) - started,
  };
};
