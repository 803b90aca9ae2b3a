import { labelled, printable, quoted } from '../labels.js';
import type { LiveOperation, LiveState, LiveTask, LiveWork } from './live-state.js';

/**
 * The state as a text for people: a tree of operations, with their tasks, their works and how old each one is. Each has a line
 * of its own, and what the state leaves out is counted. It has no line feed at its end.
 *
 * @example
 * console.error(format(inspect()));
 */
export const format = ({ counts, operations }: LiveState): string => {
  const { tasks, running, queued } = counts;
  if (counts.operations === 0) return 'no operations';
  const lines = [
    `${numbered(counts.operations, 'operation')}, ${numbered(tasks, 'task')}, ${numbered(running, 'work')} running, ${queued} queued`,
  ];
  const children = new Map<number | null, LiveOperation[]>();
  const listed = new Set(operations.map(({ id }) => id));
  for (const operation of operations) {
    const parent = listed.has(operation.parent!) ? operation.parent : null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [operation]);
    else siblings.push(operation);
  }
  const told = new Set<LiveOperation>();
  const tell = (operation: LiveOperation, indent: string): void => {
    // Copies of the package that do not share a runtime count for themselves, so a number may be there twice.
    if (told.has(operation)) return;
    told.add(operation);
    lines.push(...linesOf(operation).map((line) => indent + line));
    for (const child of children.get(operation.id) ?? []) tell(child, `${indent}  `);
  };
  for (const root of children.get(null) ?? []) tell(root, '');
  lines.push(...more(counts.operations - operations.length, 'operation'));
  return lines.join('\n');
};

const linesOf = ({ id, name, state, ageMs, counts, tasks, works }: LiveOperation): string[] => [
  `${labelled(name, id)}, ${state}, ${duration(ageMs)} old`,
  ...tasks.map((task) => `  ${lineOf(task)}`),
  ...more(counts.tasks - tasks.length, 'task').map((line) => `  ${line}`),
  ...works.flatMap(workLines).map((line) => `  ${line}`),
  ...more(counts.running + counts.queued - works.length, 'work').map((line) => `  ${line}`),
];

const lineOf = ({ id, name, state, ageMs }: LiveTask): string =>
  `task ${labelled(name, id)}, ${state}, ${duration(ageMs)} old`;

const workLines = ({ name, task, ageMs, runningMs, trace }: LiveWork): string[] => {
  const owner = task === null ? '' : ` of task ${labelled(task.name, task.id)}`;
  const state =
    runningMs === null
      ? `queued for ${duration(ageMs)}`
      : `running for ${duration(runningMs)}, registered ${duration(ageMs)} ago`;
  const frames = trace?.split('\n').map((frame) => `  ${printable(frame.trim())}`) ?? [];
  return [`work ${name === null ? '(unnamed)' : quoted(name)}${owner}, ${state}`, ...frames];
};

const more = (count: number, what: string): string[] =>
  count > 0 ? [`and ${count} more ${count === 1 ? what : `${what}s`}`] : [];

const numbered = (count: number, what: string): string => `${count} ${count === 1 ? what : `${what}s`}`;

const duration = (ms: number): string => {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
