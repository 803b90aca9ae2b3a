import type { Command } from 'commander';
import { root } from '../package/built.js';

/** What a candidate is called with: see bench/candidates/nested-calls.mjs. */
export interface Plan {
  readonly depth: number;
  readonly count: number;
  readonly work: (index: number) => () => unknown;
  readonly queued?: () => void;
  readonly pause?: () => Promise<unknown>;
}

export type RunOperation = (plan: Plan) => Promise<unknown>;

export interface Candidate {
  readonly title: string;
  readonly order: 'fifo' | 'lifo';
  readonly peer?: string;
  readonly load: (options: { library: string; concurrency: number }) => RunOperation | Promise<RunOperation>;
}

export interface Workload {
  readonly name: string;
  readonly measure: string;
  readonly metrics: readonly string[];
  readonly candidates: readonly string[];
  readonly goal: number;
  readonly depth: number;
  readonly items: number;
  readonly kind: 'sync' | 'async' | 'io';
  readonly atOnce: number;
  readonly concurrency: number;
}

export interface Job {
  readonly round: number;
  readonly node: { readonly major: string; readonly binary?: string };
  readonly workload: { readonly name: string; readonly measure?: string };
  readonly subject: { readonly name: string; readonly input?: object };
}

type Values = readonly (number | undefined)[];
type Measure = (
  candidate: Candidate,
  library: string,
  workload: object,
  pace?: object,
) => Promise<Record<string, number[]>>;

/** A module of bench, which is JavaScript so that every version of Node.js runs it as it is. */
const load = async <M>(file: string): Promise<M> => (await import(`${root}bench/${file}`)) as M;

export const { NAMES, PEERS, importCandidate } = await load<{
  NAMES: readonly string[];
  PEERS: readonly string[];
  importCandidate: (name: string) => Promise<Candidate>;
}>('candidates/index.mjs');

export const { WORKLOADS, flagsOf } = await load<{
  WORKLOADS: readonly Workload[];
  flagsOf: (workload: { measure?: string }) => string[];
}>('workloads.mjs');

export const { batchOf } = await load<{
  batchOf: (
    candidate: Candidate,
    library: string,
    workload: Pick<Workload, 'depth' | 'items' | 'kind' | 'atOnce' | 'concurrency'>,
  ) => Promise<(times: number, isWarmUp?: boolean) => Promise<number>>;
}>('batch.mjs');

export const { ratioTo, ofRounds, ofSamples } = await load<{
  ratioTo: (base: Values, values: Values) => { ratio: number; low: number; high: number } | undefined;
  ofRounds: (metric: string, values: Values) => number;
  ofSamples: (metric: string, values: Values) => number;
}>('statistics.mjs');

export const { estimate, scheduleOf } = await load<{
  estimate: (schedule: readonly Job[], rows: readonly object[]) => number;
  scheduleOf: (plan: {
    nodes: readonly object[];
    workloads: readonly object[];
    subjectsOf: (workload: { name: string }) => { name: string }[];
    rounds: number;
    seed: number;
    roundsOf?: (subject: { name: string }, workload: { name: string }) => number;
  }) => Job[];
}>('schedule.mjs');

export const { measureAll } = await load<{
  measureAll: (
    schedule: readonly Job[],
    options: object,
  ) => Promise<{ workload: string; subject: string; values: Record<string, number[]> }[]>;
}>('measure.mjs');

export const { measureLeft, measureMemory } = await load<{ measureLeft: Measure; measureMemory: Measure }>(
  'heap.mjs',
);
export const { measureHold, watchLoop } = await load<{ measureHold: Measure; watchLoop: () => () => number }>(
  'loop-hold.mjs',
);

export const { renderPage } = await load<{ renderPage: (results: object) => string }>('page/page.mjs');
export const { renderSummary, withSummary } = await load<{
  renderSummary: (results: object) => string;
  withSummary: (text: string, results: object) => string;
}>('page/summary.mjs');

export const { commandOf, optionsOf } = await load<{
  commandOf: (name: string, description: string) => Command;
  optionsOf: (command: Command, argv: readonly string[]) => object;
}>('arguments.mjs');
