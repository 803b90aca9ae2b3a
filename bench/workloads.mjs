// What is measured. `goal` is what the design asks of deferqueue, as a ratio to the base.

const time = (name, title, goal, shape) => ({
  name,
  title,
  metrics: { cpu: goal },
  depth: 1,
  atOnce: 1,
  concurrency: 1,
  kind: 'async',
  ...shape,
});

/** Those that are times of operations. `metrics` are what of them is told, with the goal of each. */
export const OPERATIONS = [
  time('w1', 'an operation that defers nothing', 1, { depth: 0, works: 0 }),
  time('w2', 'five nested async calls, 1 work', 1.1, { depth: 5, works: 1 }),
  time('w3', 'five nested async calls, 10 async works', 1.2, { depth: 5, works: 10 }),
  time('w4', '1,000 async works in one operation', 1.25, { works: 1000 }),
  time('w5', '1,000 sync works in one operation', 0.5, { works: 1000, kind: 'sync' }),
  time('w6', '1,000 operations at once, 10 works each', 1.2, { works: 10, atOnce: 1000 }),
  {
    ...time('w7', '1,000 works of 1 ms, 10 at once', 1.5, { works: 1000, kind: 'io', concurrency: 10 }),
    metrics: { wall: 1.1, cpu: 1.5 },
    /** For most of the time it waits, and how fast a processor is when it wakes up differs from sample to sample. */
    samplesTimes: 2,
  },
];

export const MEMORY = {
  name: 'memory',
  title: 'memory for each queued work',
  samples: 3,
  sizes: [1000, 10_000, 100_000],
  goal: 130,
  rounds: 1,
  only: ['by-hand', 'deferqueue', 'p-queue', 'effect'],
};

export const PEAK = {
  name: 'peak',
  title: 'the peak of an operation with very many works',
  works: 1_000_000,
  rounds: 1,
  only: ['by-hand', 'deferqueue', 'p-queue', 'effect'],
};

export const SEQUENTIAL = {
  name: 'sequential',
  title: 'very many operations, one after the other',
  works: 3,
  /** Operations before the first look at the heap, and those after which there is another. */
  warmUp: 10_000,
  marks: { quarter: 250_000, half: 500_000, end: 1_000_000 },
  /** Bytes for each operation: what is left of one, if anything is, takes more. */
  goal: 1,
  rounds: 1,
  only: ['by-hand', 'deferqueue', 'p-queue'],
};

export const LIVE = {
  name: 'live',
  title: 'very many operations that are open at once',
  operations: 10_000,
  samples: 3,
  /** Works that each has queued. */
  sizes: [0, 1],
  rounds: 2,
  only: ['by-hand', 'deferqueue', 'p-queue', 'effect'],
};

export const GROWTH = {
  name: 'growth',
  title: 'time for each work as an operation has more of them',
  sizes: [10, 100, 1000, 10_000, 100_000, 1_000_000],
  from: 1000,
  to: 1_000_000,
  goal: 1.5,
  rounds: 2,
  only: ['by-hand', 'by-hand-in-context', 'by-hand-in-full', 'deferqueue'],
};

export const FAIRNESS = {
  name: 'fairness',
  title: 'a long drain beside an HTTP server',
  works: 1_000_000,
  /** Milliseconds that the event loop may be held. */
  goal: 20,
  rounds: 2,
  only: ['by-hand', 'deferqueue', 'p-queue', 'effect'],
};

export const STARTUP = {
  name: 'startup',
  title: 'importing it',
  rounds: 1,
  only: ['deferqueue', 'p-queue'],
};

/** In the order of the page. `rounds` is how many a full run has of it at most. */
export const ALL = [...OPERATIONS, MEMORY, PEAK, SEQUENTIAL, LIVE, GROWTH, FAIRNESS, STARTUP];

/** How large V8 lets each half of the young generation be in a process that lives longer, in MiB. */
export const SEMI_SPACE = 16;

/**
 * By what share of it, at the most, a group of operations at once is larger or smaller than it says. With groups of one size, collections of
 * garbage come at the same places of each, and it depends on a few bytes for each operation how much is alive there.
 */
export const SPREAD = 0.25;

/**
 * What the processes of a workload are started with. Where times are taken, the young generation has its size from the start: how
 * soon it grows depends on how much of a candidate outlives collections, and on chance.
 */
export const flagsOf = ({ workload }) => {
  const flags = ['--expose-gc'];
  const isTimed = [...OPERATIONS, GROWTH].some(({ name }) => name === workload);
  if (isTimed) {
    flags.push(`--min-semi-space-size=${SEMI_SPACE}`, `--max-semi-space-size=${SEMI_SPACE}`);
  }
  return flags;
};

/** The measurements of one workload: most have one, some have one for each size. */
export const pointsOf = ({ name, sizes }) =>
  sizes === undefined ? [{ workload: name }] : sizes.map((size) => ({ workload: name, size }));

/** Why a candidate is not measured by a workload, if it is not. */
export const whyNot = (candidate, { name, only }) => {
  const reason = candidate.cannot?.[name];
  if (reason !== undefined) return reason;
  return only === undefined || only.includes(candidate.name) ? undefined : 'not tried';
};
