import type { OperationReport, WorkReport } from 'deferqueue';
import type { Limits, Seen } from './image-store.js';
import { Refused } from './upload.js';

/** One part of the program: what the imports report, and what the store has seen. */
export interface Part {
  readonly title: string;
  readonly limits: Limits;
  readonly reports: readonly OperationReport[];
  readonly seen: Seen;
  readonly seconds: number;
}

const uploads = ({ reports }: Part): WorkReport[] => reports.flatMap(({ works = [] }) => works);

const answered =
  (status: number) =>
  ({ state, reason }: WorkReport): boolean =>
    state === 'failed' && reason instanceof Refused && reason.status === status;

const uploaded = ({ state }: WorkReport): boolean => state === 'ran';
const timedOut = ({ state }: WorkReport): boolean => state === 'timed-out';
const refused = answered(422);
const putOff = answered(429);

const otherwise = (work: WorkReport): boolean =>
  ![uploaded, timedOut, refused, putOff].some((kind) => kind(work));

/** Whether the store's limits were kept, and every upload has come to one of its expected ends. */
export const isRight = (part: Part): boolean => part.seen.tooMany === 0 && !uploads(part).some(otherwise);

/** The parts side by side, and the uploads that need somebody to look at them. */
export const summary = (parts: readonly Part[]): string => {
  const row = (label: string, cell: (part: Part) => string | number): string[] => [
    label,
    ...parts.map((part) => String(cell(part))),
  ];
  const count = (label: string, kind: (work: WorkReport) => boolean): string[] =>
    row(label, (part) => uploads(part).filter(kind).length);
  const rate = ({ limits }: Part, cell: string | number): string | number => (limits.cap ? cell : '-');
  const names = (label: string, kind: (work: WorkReport) => boolean): string[] =>
    parts.flatMap((part) =>
      uploads(part)
        .filter(kind)
        .map(({ name }) => `${label}: ${name}`)
        .toSorted(),
    );
  return [
    ...table([
      row('', ({ title }) => title),
      row('uploads deferred', ({ reports }) => reports.reduce((sum, { registered }) => sum + registered, 0)),
      count('uploaded', uploaded),
      count('refused by the store (422)', refused),
      count('timed out', timedOut),
      count('put off by the store (429)', putOff),
      count('ended otherwise', otherwise),
      row('images in the store', ({ seen }) => seen.images),
      row('in flight: limit', ({ limits }) => limits.atOnce),
      row('in flight: most seen by the store', ({ seen }) => seen.mostAtOnce),
      row('rate: limit', (part) => rate(part, `${part.limits.cap} in ${part.limits.interval} ms`)),
      row('rate: most seen by the store', (part) => rate(part, part.seen.mostInInterval)),
      row('seconds', ({ seconds }) => seconds.toFixed(1)),
    ]),
    '',
    ...names('refused', refused),
    ...names('timed out', timedOut),
  ].join('\n');
};

/** Columns as wide as they have to be; the first one to the left, the others to the right. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
};
