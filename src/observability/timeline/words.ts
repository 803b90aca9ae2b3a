import type { Timeline } from './timeline.js';

/** Formats a duration for display. @internal */
export const ms = (time: number): string => {
  if (time < 100) return `${time.toFixed(2)} ms`;
  return time < 10_000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(1)} s`;
};

/** Formats how long a row ran; `–` if it never started. @internal */
export const tookText = (took: number | undefined): string => (took === undefined ? '–' : ms(took));

/** Formats a count with its noun, in the plural except for 1. @internal */
export const numbered = (count: number, what: string): string =>
  `${count} ${count === 1 ? what : `${what}s`}`;

/** The duration and counts of a timeline, in one line. @internal */
export const headline = ({ duration, operations, tasks, works }: Timeline): string => {
  const failed = works.filter(({ state }) => state === 'failed' || state === 'timed-out').length;
  const counts = [
    numbered(operations.length, 'operation'),
    numbered(tasks.length, 'task'),
    numbered(works.length, 'work item'),
  ];
  return `${ms(duration)}: ${counts.join(', ')}${failed === 0 ? '' : `, ${failed} failed`}`;
};

/** The line for work items beyond the limit of a recording. @internal */
export const beyondTheLimit = (dropped: number): string =>
  `and ${numbered(dropped, 'work item')} beyond the limit of the recording`;

/** The call that deferred the item: the first frame of a stack without a head line. @internal */
export const deferredAt = (trace: string | undefined): string | undefined => {
  const frame = /at .+/.exec(trace ?? '')?.[0];
  return frame === undefined ? undefined : `deferred ${frame}`;
};
