// The sections of the page on what very many works, and very many operations, take.
import { best, median } from '../arithmetic.mjs';
import { bytes, count, factor, hundredths, megabytes, nanoseconds } from '../units.mjs';
import { GROWTH, LIVE, MEMORY, PEAK, SEQUENTIAL } from '../workloads.mjs';
import { timeOf } from './reader.mjs';
import { byCandidate, sized } from './tables.mjs';

export const memory = (results, reader) => {
  const found = byCandidate(
    results,
    reader,
    MEMORY,
    MEMORY.sizes.map((size) => `${count(size)} works`),
    sized(MEMORY, (values) => bytes(median(values.bytes))),
  );
  if (found === undefined) return undefined;
  return `## Memory

What the heap has grown by when all are deferred, for each work. All works are one function, so that its own memory is not counted.

${found}`;
};

export const peak = (results, reader) => {
  const found = byCandidate(results, reader, PEAK, ['memory of the process', 'reachable heap'], (read) => {
    const values = read(undefined);
    return values && [values.resident, values.heap].map((one) => megabytes(median(one)));
  });
  if (found === undefined) return undefined;
  return `## Peak

How much more memory than before the process has at most until an operation with ${count(PEAK.works)} async works has settled: that of the process
as the system counts it, with garbage that is not collected yet, and the heap that is reachable, looked at when all are queued, when half
have run, and when all have.

${found}`;
};

/** Bytes that an operation has left behind, by each round. */
export const leftBehind = ({ begin, end }) =>
  begin.map((bytesBefore, round) => (end[round] - bytesBefore) / SEQUENTIAL.marks.end);

export const sequential = (results, reader) => {
  const marks = Object.entries(SEQUENTIAL.marks);
  const found = byCandidate(
    results,
    reader,
    SEQUENTIAL,
    ['before', ...marks.map(([, mark]) => `after ${count(mark)}`), 'for each operation', 'CPU time of each'],
    (read) => {
      const values = read(undefined);
      if (values === undefined) return undefined;
      return [
        ...['begin', ...marks.map(([name]) => name)].map((name) => megabytes(median(values[name]))),
        `${hundredths(median(leftBehind(values)))} B`,
        nanoseconds(best(values.cpu)),
      ];
    },
  );
  if (found === undefined) return undefined;
  return `## In a row

The reachable heap as ${count(SEQUENTIAL.marks.end)} operations with ${SEQUENTIAL.works} async works each run one after the other, after ${count(SEQUENTIAL.warmUp)} that are not counted. An operation that left
anything behind would leave more than a byte.

${found}`;
};

export const live = (results, reader) => {
  const found = byCandidate(
    results,
    reader,
    LIVE,
    LIVE.sizes.flatMap((works) => {
      const queued = works === 0 ? 'no work' : `${works} work`;
      return [`${queued}: heap`, 'CPU time'];
    }),
    (read) => {
      const all = LIVE.sizes.map((works) => read(works));
      if (!all.some(Boolean)) return undefined;
      return all.flatMap((values) =>
        values === undefined ? ['–', '–'] : [bytes(median(values.bytes)), nanoseconds(best(values.cpu))],
      );
    },
  );
  if (found === undefined) return undefined;
  return `## Open at once

${count(LIVE.operations)} operations are open and wait, each with nothing or with one async work queued. What each of them holds of the heap, with the promise
and the function that waits, and the CPU time for opening and settling it.

${found}`;
};

export const growth = (results, reader) => {
  const found = byCandidate(
    results,
    reader,
    GROWTH,
    [...GROWTH.sizes.map(count), `${count(GROWTH.to)} to ${count(GROWTH.from)}`],
    (read) => {
      const cells = sized(GROWTH, (values) => nanoseconds(timeOf(values)))(read);
      const [last, first] = [read(GROWTH.to), read(GROWTH.from)];
      return cells && [...cells, last && first ? factor(timeOf(last) / timeOf(first)) : '–'];
    },
  );
  if (found === undefined) return undefined;
  return `## Growth

CPU time for each async work as the operation has more of them.

![Line chart of the times](benchmarks-growth.svg)

${found}`;
};
