import { root } from '../package/built.js';

export type Count = 'bytes' | 'promises' | 'microtasks' | 'resources' | 'calls' | 'tokens';
export type Cost = Readonly<Record<Count, number>>;

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly per: 'operation' | 'work';
}

export interface Told {
  readonly heavier: readonly string[];
  readonly lighter: readonly string[];
  readonly missing: readonly string[];
}

/** What V8 tells of a function: its own range first, then the blocks in it that were entered more or less often. */
export interface CoveredFunction {
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

/** A module of scripts/cost, which is JavaScript so that Node.js runs it as it is. */
const load = async <M>(file: string): Promise<M> => (await import(`${root}scripts/cost/${file}`)) as M;

export const { COUNTS, compare, compareCount, costOf, UPDATE, verdict, written } = await load<{
  COUNTS: Readonly<Record<Count, { title: string; tolerance: number }>>;
  compare: (
    workloads: readonly Workload[],
    ceilings: Readonly<Record<string, Partial<Cost>>>,
    costs: Readonly<Record<string, Cost>>,
  ) => Told;
  compareCount: (count: Count, held: number, found: number) => 'held' | 'heavier' | 'lighter';
  costOf: (counted: Cost, inPlace: Cost, parts: number) => Cost;
  UPDATE: string;
  verdict: (told: Told) => { failed: boolean; lines: readonly string[] };
  written: (number: number) => string;
}>('compare.mjs');

export const { executedIn, tokensOf } = await load<{
  executedIn: (text: string, functions: readonly CoveredFunction[]) => { calls: number; tokens: number };
  tokensOf: (text: string) => readonly number[];
}>('executed.mjs');

export const { FLAGS } = await load<{
  FLAGS: Readonly<Record<'allocated' | 'executed', readonly string[]>>;
}>('flags.mjs');

export const { table } = await load<{
  table: (
    workloads: readonly Workload[],
    costs: Readonly<Record<string, Readonly<Record<string, Cost>>>>,
    subject: string,
    base: string,
  ) => string;
}>('table.mjs');

export const { WORKLOADS, partsOf } = await load<{
  WORKLOADS: readonly Workload[];
  partsOf: (workload: Workload) => number;
}>('workloads.mjs');
