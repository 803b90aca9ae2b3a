import { root } from '../package/built.js';

/** What a candidate is given: see bench/candidates/nested-calls.mjs. */
export interface Plan {
  readonly depth: number;
  readonly count: number;
  readonly work: (index: number) => () => unknown;
  readonly queued?: () => void;
  readonly pause?: () => Promise<unknown>;
}

export interface Candidate {
  readonly title: string;
  readonly order: 'fifo' | 'lifo';
  readonly cannot?: Readonly<Record<string, string>>;
  readonly load: (options: { library: string; concurrency: number }) => unknown;
}

interface Shape {
  readonly depth: number;
  readonly works: number;
  readonly kind: 'sync' | 'async' | 'io';
  readonly atOnce: number;
  readonly concurrency: number;
}

export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface Group {
  readonly node: { readonly major: string };
  readonly point: { readonly workload: string };
  readonly subjects: readonly { readonly name: string }[];
}

export interface Job {
  readonly round: number;
  readonly node: { readonly major: string };
  readonly point: { readonly workload: string };
  readonly subject: { readonly name: string };
}

/** A module of bench, which is JavaScript so that every version of Node.js runs it as it is. */
const load = async <M>(file: string): Promise<M> => (await import(`${root}bench/${file}`)) as M;

export const arithmetic = await load<{
  quantile: (values: readonly number[], share: number) => number;
  best: (values: readonly (number | undefined)[]) => number;
  lowerQuartile: (values: readonly number[]) => number;
  median: (values: readonly number[]) => number;
  ratioTo: (base: readonly (number | undefined)[], values: readonly (number | undefined)[]) => Ratio;
  randomFrom: (seed: number) => () => number;
  shuffled: <T>(values: readonly T[], random: () => number) => T[];
}>('arithmetic.mjs');

export const { groupsOf, measureAll, scheduleOf } = await load<{
  measureAll: (run: {
    schedule: readonly object[];
    pace: object;
    step: () => void;
  }) => Promise<{ values: Record<string, number[]> }[]>;
  groupsOf: (choice: {
    nodes: readonly object[];
    points: readonly object[];
    subjects: readonly object[];
    canDo: (subject: { name: string }, point: { workload: string }) => boolean;
  }) => Group[];
  scheduleOf: (plan: {
    groups: readonly Group[];
    rounds: number;
    seed: number;
    mostRounds?: (subject: { name: string }, point: { workload: string }) => number;
  }) => Job[];
}>('measure.mjs');

export const { batchOf } = await load<{
  batchOf: (
    candidate: Candidate,
    library: string,
    shape: Shape,
  ) => Promise<(times: number, isQuick?: boolean) => Promise<number>>;
}>('batch.mjs');

export const { flagsOf, OPERATIONS } = await load<{
  flagsOf: (point: { workload: string }) => string[];
  OPERATIONS: readonly (Shape & { readonly name: string; readonly title: string })[];
}>('workloads.mjs');

export const { probe } = await load<{
  probe: (candidate: Candidate, library: string) => Promise<Record<string, boolean>>;
}>('probes.mjs');

export const { NAMES, importCandidate } = await load<{
  NAMES: readonly string[];
  importCandidate: (name: string) => Promise<Candidate>;
}>('candidates/index.mjs');

export const { renderGrowthChart, renderPage, renderPageChart, renderSummary, withSummary } = await load<{
  renderGrowthChart: (results: object) => string | undefined;
  renderPage: (results: object) => string;
  renderPageChart: (results: object) => string;
  renderSummary: (results: object) => string;
  withSummary: (text: string, results: object) => string;
}>('page.mjs');

export const { measureMemory } = await load<{
  measureMemory: (
    candidate: Candidate,
    library: string,
    options: { works: number; samples: number },
  ) => Promise<{ bytes: number[] }>;
}>('memory.mjs');

export const { measurePeak } = await load<{
  measurePeak: (
    candidate: Candidate,
    library: string,
    options: { works: number },
  ) => Promise<{ resident: number[]; heap: number[] }>;
}>('peak.mjs');

export const { measureSequential } = await load<{
  measureSequential: (
    candidate: Candidate,
    library: string,
    options: { works: number; warmUp: number; marks: Record<string, number> },
  ) => Promise<Record<string, number[]>>;
}>('sequential.mjs');

export const { measureLive } = await load<{
  measureLive: (
    candidate: Candidate,
    library: string,
    options: { works: number; operations: number; samples: number },
  ) => Promise<{ bytes: number[]; cpu: number[] }>;
}>('live.mjs');

export const { measureFairness } = await load<{
  measureFairness: (
    candidate: Candidate,
    library: string,
    options: { works: number },
  ) => Promise<Record<'held' | 'pause' | 'latency' | 'drained', number[]> & { own?: number[] }>;
}>('fairness.mjs');

export const { watchLoop } = await load<{
  watchLoop: () => () => Promise<{ held: number; own?: number; pause: number }>;
}>('loop-watch.mjs');

export const { METRICS } = await load<{ METRICS: Record<string, object> }>('metrics.mjs');

export const { estimate } = await load<{
  estimate: (schedule: readonly object[], pace: object, rows: readonly object[]) => number;
}>('estimate.mjs');
