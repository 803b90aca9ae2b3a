// What is measured. Each workload has a `measure` (see sample.mjs) and its candidates. The `goal` of the design is for its `subject`:
// a ratio to the `base`, or without one the most in its `unit`.
import { BASE, OPEN, OURS, PEERS } from './candidates/index.mjs';

const timed = (name, title, shape) => ({
  name,
  title,
  measure: 'time',
  metrics: ['cpu'],
  candidates: [BASE, OURS],
  subject: OURS,
  base: BASE,
  goal: 1.2,
  depth: 1,
  atOnce: 1,
  concurrency: 1,
  kind: 'async',
  ...shape,
});
const withPeers = (name, title, shape) =>
  timed(name, title, { candidates: [BASE, OURS, ...PEERS], ...shape });
/** Bytes depend little on the machine: one round is enough. */
const sized = (name, title, shape) => ({
  name,
  title,
  measure: name,
  metrics: [name],
  candidates: [BASE, OURS],
  subject: OURS,
  rounds: 1,
  ...shape,
});

export const WORKLOADS = [
  timed('w1', 'an operation that defers nothing', { depth: 0, items: 0 }),
  withPeers('w2', 'five nested async calls, 1 item', { depth: 5, items: 1 }),
  withPeers('w3', 'five nested async calls, 10 async items', { depth: 5, items: 10 }),
  withPeers('w4', '1,000 async items in one operation', { items: 1000 }),
  withPeers('w5', '1,000 sync items in one operation', { items: 1000, kind: 'sync' }),
  withPeers('w6', '1,000 operations at once, 10 items each', { items: 10, atOnce: 1000 }),
  timed('w7', '1,000 items of 1 ms, 10 at once', {
    metrics: ['cpu', 'wall'],
    items: 1000,
    kind: 'io',
    concurrency: 10,
    // It mostly waits, and the speed of a processor that wakes up differs between samples.
    samplesTimes: 2,
  }),
  timed('open', '`openOperation`, `run`, 3 items, `close`', {
    candidates: [OURS, OPEN],
    subject: OPEN,
    base: OURS,
    goal: 1.3,
    items: 3,
  }),
  sized('memory', 'memory for each queued item, of 100,000', { goal: 136, unit: 'B', items: 100_000 }),
  sized('hold', 'longest hold of the event loop, 1,000,000 items', {
    rounds: 3,
    goal: 20,
    unit: 'ms',
    items: 1_000_000,
  }),
  sized('left', 'left behind by each of 1,000,000 operations in a row', {
    goal: 1,
    unit: 'B',
    operations: 1_000_000,
    items: 3,
  }),
];

/** Peers are slow and only have to be twice as slow as deferqueue: they take part in the first rounds. */
export const PEER_ROUNDS = 3;
export const PEER_GOAL = 2;

export const workloadOf = (name) => WORKLOADS.find((workload) => workload.name === name);

/** How long one process measures, in milliseconds. */
export const PACE = { samples: 5, warmUp: 500, target: 60 };

/** MiB for each half of the young generation where times are taken: V8's limit in a process that lives longer. */
export const SEMI_SPACE = 16;

/**
 * By what share a group of operations at once is larger or smaller than its workload says, at most. With groups of one size,
 * collections come at the same points of each group, and a few bytes for each operation decide what is alive then.
 */
export const SPREAD = 0.25;

/**
 * The flags of the processes of a workload. Times need a young generation of a fixed size: how soon V8 lets it grow depends on
 * chance, and on how much of a candidate survives collections.
 */
export const flagsOf = ({ measure }) =>
  measure === 'time'
    ? ['--expose-gc', `--min-semi-space-size=${SEMI_SPACE}`, `--max-semi-space-size=${SEMI_SPACE}`]
    : ['--expose-gc'];
