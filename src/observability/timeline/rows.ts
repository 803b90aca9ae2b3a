import { labelled, quoted } from '../labels.js';
import type { Timeline, TimelineOperation, TimelineTask, TimelineWork } from './timeline.js';

/** What a row is for: one operation, task or work of a timeline. @internal */
export interface Row {
  readonly kind: 'operation' | 'task' | 'work';
  /** How many rows it is below. */
  readonly depth: number;
  readonly label: string;
  /** What is said of it in a word. */
  readonly state: string;
  readonly isBad: boolean;
  /** Why, where it failed. */
  readonly reason: string | undefined;
  readonly trace: string | undefined;
  /** When it begins. */
  readonly from: number;
  /** When its second part begins: the boundary of an operation, the start of a work. */
  readonly middle: number | undefined;
  /** When it ends; the end of the recording where it has not. */
  readonly to: number;
  readonly hasEnded: boolean;
  /** How long its function ran, and of an operation its drain too; a work that was not started did not run. */
  readonly took: number | undefined;
}

const BAD: ReadonlySet<string> = new Set(['failed', 'timed-out', 'abandoned']);

/** The tree of a timeline from the top down: tasks below their operation, works where they were registered, in the order of time. @internal */
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
  const told = new Set<TimelineOperation>();

  const tellTask = (task: TimelineTask, depth: number): void => {
    rows.push(taskRow(task, depth, duration));
    for (const work of ofTask.get(task.id) ?? []) rows.push(workRow(work, depth + 1, duration));
  };
  const tell = (operation: TimelineOperation, depth: number): void => {
    // Copies of the package that do not share a runtime count for themselves, so a number may be there twice.
    if (told.has(operation)) return;
    told.add(operation);
    rows.push(operationRow(operation, depth, duration));
    const { id } = operation;
    const below = [
      ...(tasksOf.get(id) ?? []).map((task) => ({
        at: task.opened,
        tell: () => {
          tellTask(task, depth + 1);
        },
      })),
      ...(ofOperation.get(id) ?? []).map((work) => ({
        at: work.registered,
        tell: () => void rows.push(workRow(work, depth + 1, duration)),
      })),
      ...(children.get(id) ?? []).map((child) => ({
        at: child.opened,
        tell: () => {
          tell(child, depth + 1);
        },
      })),
    ];
    for (const one of below.toSorted((first, second) => first.at - second.at)) one.tell();
  };
  for (const root of children.get(null) ?? []) tell(root, 0);
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
  state: outcome?.status ?? (closed === null ? 'open' : 'cut short'),
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
