// What a measurement tells, by the name of each metric: how it is written, whether it is compared with the base, and what stands
// for the samples of one process.
import { lowerQuartile, median } from './arithmetic.mjs';
import { bytes, megabytes, milliseconds, nanoseconds } from './units.mjs';

/** What disturbs a time makes it larger. */
const time = { write: nanoseconds, hasRatio: true, of: lowerQuartile };
/** What disturbs a number of bytes may make it smaller, too. */
const size = { write: bytes, hasRatio: false, of: median };
const large = { ...size, write: megabytes };
/** Those of which one that is too long is what is looked for. */
const longest = { write: milliseconds, hasRatio: false, of: (values) => Math.max(...values) };

export const METRICS = {
  cpu: time,
  wall: time,
  bytes: size,
  /** Of the peak: the memory of the process, and the heap that is reachable. */
  resident: large,
  heap: large,
  /** Of operations in a row: the heap before them, after some, and after all. */
  begin: large,
  quarter: large,
  half: large,
  end: large,
  /** Of fairness: see fairness.mjs. */
  held: longest,
  own: longest,
  pause: longest,
  latency: longest,
  drained: { ...time, write: milliseconds },
};
