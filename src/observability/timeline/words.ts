import type { Timeline } from './timeline.js';

/** A time for people. @internal */
export const ms = (time: number): string => {
  if (time < 100) return `${time.toFixed(2)} ms`;
  return time < 10_000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(1)} s`;
};

/** How long something ran that may not have. @internal */
export const tookText = (took: number | undefined): string => (took === undefined ? '–' : ms(took));

/** @internal */
export const numbered = (count: number, what: string): string =>
  `${count} ${count === 1 ? what : `${what}s`}`;

/** What a timeline is about, in a line. @internal */
export const headline = ({ duration, operations, tasks, works }: Timeline): string => {
  const failed = works.filter(({ state }) => state === 'failed' || state === 'timed-out').length;
  const counts = [
    numbered(operations.length, 'operation'),
    numbered(tasks.length, 'task'),
    numbered(works.length, 'work'),
  ];
  return `${ms(duration)}: ${counts.join(', ')}${failed === 0 ? '' : `, ${failed} failed`}`;
};

/** What is said where a recording had more works than its limit. @internal */
export const beyondTheLimit = (dropped: number): string =>
  `and ${numbered(dropped, 'work')} beyond the limit of the recording`;

/** Where a stack without a head line begins: the line of who deferred the work. @internal */
export const deferredAt = (trace: string | undefined): string | undefined => {
  const frame = /at .+/.exec(trace ?? '')?.[0];
  return frame === undefined ? undefined : `deferred ${frame}`;
};
