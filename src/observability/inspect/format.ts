import { labelled, printable, quoted } from '../labels.js';
import type { LiveOperation, LiveState, LiveTask, LiveWork } from './live-state.js';

/**
 * Formats the state as readable text: a tree of operations with their tasks and work items, one line
 * each, with ages. What the state leaves out is counted. The text does not end with a line feed.
 *
 * @example
 * console.error(format(inspect()));
 */
export const format = ({ counts, operations }: LiveState): string => {
  const { tasks, running, queued } = counts;
  if (counts.operations === 0) return 'no operations';
  const lines = [
    `${numbered(counts.operations, 'operation')}, ${numbered(tasks, 'task')}, ${numbered(running, 'work item')} running, ${queued} queued`,
  ];
  const children = new Map<number | null, LiveOperation[]>();
  const listed = new Set(operations.map(({ id }) => id));
  for (const operation of operations) {
    const parent = listed.has(operation.parent!) ? operation.parent : null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [operation]);
    else siblings.push(operation);
  }
  const visited = new Set<LiveOperation>();
  const append = (operation: LiveOperation, indent: string): void => {
    // Ids repeat if copies of the package do not share a runtime.
    if (visited.has(operation)) return;
    visited.add(operation);
    lines.push(...linesOf(operation).map((line) => indent + line));
    for (const child of children.get(operation.id) ?? []) append(child, `${indent}  `);
  };
  for (const root of children.get(null) ?? []) append(root, '');
  lines.push(...more(counts.operations - operations.length, 'operation'));
  return lines.join('\n');
};

const linesOf = ({ id, name, state, ageMs, counts, tasks, works }: LiveOperation): string[] => [
  `${labelled(name, id)}, ${state}, ${duration(ageMs)} old`,
  ...tasks.map((task) => `  ${lineOf(task)}`),
  ...more(counts.tasks - tasks.length, 'task').map((line) => `  ${line}`),
  ...works.flatMap(workLines).map((line) => `  ${line}`),
  ...more(counts.running + counts.queued - works.length, 'work item').map((line) => `  ${line}`),
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
