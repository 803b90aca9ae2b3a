import type { OperationOptions, OperationReport, WorkReport } from 'deferqueue';
import type { BodyMode } from './program.js';

/** Something to wait for: a promise of the library, or what the model has computed at once. */
export type Step = () => unknown;

/** A function of a program while it is performed: it hands out what has to be awaited. */
export type Play = Generator<Step, unknown>;

export interface SignalView {
  readonly aborted: boolean;
  readonly reason: unknown;
}

export interface TaskView {
  readonly name: string | undefined;
  readonly operation: OperationView;
  readonly state: string;
  readonly signal: SignalView;
}

export interface DeferredView {
  readonly name: string | undefined;
  readonly state: string;
  cancel(): boolean;
  /** A `WorkReport` in the model, a promise of it in the library. */
  readonly settled: unknown;
}

export interface WorkView {
  readonly data: unknown;
  readonly outcome: PromiseSettledResult<unknown> | undefined;
  readonly signal: SignalView;
  readonly name: string | undefined;
  readonly operation: OperationView;
  readonly task: TaskView | undefined;
}

export interface WorkOptions {
  name?: string;
  data?: unknown;
  on?: 'success' | 'failure' | 'always';
  until?: 'task' | 'operation' | 'root';
  outcomeOf?: 'path' | 'operation';
  task?: TaskView | null;
  key?: string;
  coalesce?: 'first' | 'last' | ((earlier: unknown, later: unknown) => unknown);
  discard?: (reason: string, data: unknown) => unknown;
  signal?: AbortSignal;
}

export type Run = (work: WorkView) => unknown;

export interface UseOptions {
  until?: 'task' | 'operation';
}

export type Resource = Partial<Disposable & AsyncDisposable>;

export interface OperationView {
  readonly name: string | undefined;
  readonly parent: OperationView | undefined;
  readonly root: OperationView;
  readonly state: string;
  readonly pending: number;
  readonly signal: SignalView;
  run(fn: () => unknown): unknown;
  defer(run: Run, options: WorkOptions): DeferredView;
  use(resource: Resource, options?: UseOptions): unknown;
  flush(): unknown;
}

export interface OpenOperationView extends OperationView {
  fail(reason: unknown): void;
  close(): unknown;
}

export interface Settled {
  readonly outcome: PromiseSettledResult<unknown>;
  readonly report: OperationReport;
}

export type HearWorkError = (error: unknown, work: WorkReport) => unknown;

/**
 * The surface that programs are performed on. The library returns promises where the model, which knows no time,
 * returns or throws at once.
 */
export interface Subject {
  readonly withOperation: (options: OperationOptions, fn: (operation: OperationView) => unknown) => unknown;
  readonly settleOperation: (options: OperationOptions, fn: (operation: OperationView) => unknown) => unknown;
  readonly openOperation: (options: OperationOptions) => OpenOperationView;
  readonly withTask: (options: { name?: string }, fn: (task: TaskView) => unknown) => unknown;
  readonly defer: (run: Run, options: WorkOptions) => DeferredView;
  readonly use: (resource: Resource, options?: UseOptions) => unknown;
  readonly runOutside: (fn: () => unknown) => unknown;
  readonly flush: () => unknown;
  readonly currentOperation: () => OperationView | undefined;
  readonly currentTask: () => TaskView | undefined;

  /** An `AsyncLocalStorage` that the library knows nothing of. */
  readonly foreign: { run<R>(value: string, fn: () => R): R; read(): string | undefined };
  /** The whole async context of the call, to run something in it later. */
  readonly capture: () => (fn: () => unknown) => unknown;
  /** Performs a play to its end, in the way of its mode. */
  readonly drive: (mode: BodyMode, play: Play) => unknown;
  /** Calls `finish` once what `fn` returns has settled; the result is that of `fn`. */
  readonly finally: (fn: Step, finish: () => void) => unknown;
  /** Starts all, and then waits for all, if they are to be awaited. */
  readonly together: (starts: readonly Step[], awaited: boolean) => Step;
  /** So many already resolved promises, awaited one after the other. */
  readonly ticks: (count: number) => Step;
}
