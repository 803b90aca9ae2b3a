import { invalidType, invalidUse } from './invalid-argument.js';
import type { JobQueue, OperationOptions, TaskOptions } from './options.js';
import type { DiscardReason, Task } from './types.js';
import { DEFER, INTERCEPTOR, OPERATION, readOptions, SHUTDOWN, TASK, USE } from './validate.js';

/** The options of an operation with every default filled in. @internal */
export interface OperationSettings {
  readonly name: string | undefined;
  readonly nesting: 'nested' | 'savepoint' | 'join' | 'detached';
  readonly order: 'fifo' | 'lifo';
  readonly concurrency: number | JobQueue;
  readonly signal: AbortSignal | undefined;
  readonly drainTimeout: number;
  readonly drainSignal: AbortSignal | undefined;
  readonly maxPending: number;
  readonly maxChain: number;
  readonly workErrors: 'throw' | 'report';
  readonly onWorkError: OperationOptions['onWorkError'];
  readonly report: 'counts' | 'full';
  readonly trace: boolean;
}

/** @internal */
export const DEFAULTS: OperationSettings = Object.freeze({
  name: undefined,
  nesting: 'nested',
  order: 'fifo',
  concurrency: 1,
  signal: undefined,
  drainTimeout: Infinity,
  drainSignal: undefined,
  maxPending: Infinity,
  maxChain: 1000,
  workErrors: 'throw',
  onWorkError: undefined,
  report: 'counts',
  trace: false,
});

/** @internal */
export const operationSettings = (
  nameOrOptions: unknown,
  defaults: OperationSettings,
  what = 'options',
): OperationSettings => {
  if (nameOrOptions === undefined) return defaults;
  if (typeof nameOrOptions === 'string') return { ...defaults, name: nameOrOptions };
  return readOptions(nameOrOptions, what, OPERATION, { ...defaults });
};

/** The options that were given, checked. @internal */
export const givenSettings = (options: unknown, what: string): Partial<OperationSettings> => {
  if (typeof options !== 'object') throw invalidType(what, 'an object', options);
  const settings: object = readOptions(options, what, OPERATION, { ...DEFAULTS });
  const given = options as Record<string, unknown>;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => given[name] !== undefined));
};

/** The defaults of an operation that is opened inside another one, which passes its error policy on (G17). @internal */
export const inheritedDefaults = (
  defaults: OperationSettings,
  { workErrors, onWorkError = defaults.onWorkError }: OperationSettings,
): OperationSettings =>
  workErrors === defaults.workErrors && onWorkError === defaults.onWorkError
    ? defaults
    : { ...defaults, workErrors, onWorkError };

/** A savepoint has no drain of its own, and its early ones run one item at a time (G17). @internal */
export const savepointSettings = (settings: OperationSettings): OperationSettings => ({
  ...settings,
  order: 'fifo',
  concurrency: 1,
  drainTimeout: Infinity,
  drainSignal: undefined,
});

/** The options of a task with every default filled in. @internal */
export interface TaskSettings {
  readonly name: string | undefined;
  readonly concurrency: number;
}

/** @internal */
export const taskSettings = (nameOrOptions: string | TaskOptions | undefined): TaskSettings => {
  const settings: TaskSettings = { name: undefined, concurrency: 1 };
  if (nameOrOptions === undefined) return settings;
  if (typeof nameOrOptions === 'string') return { ...settings, name: nameOrOptions };
  return readOptions(nameOrOptions, 'options', TASK, settings);
};

/** The options of `defer` with every default filled in. @internal */
export class DeferSettings {
  name: string | undefined = undefined;
  data: unknown = undefined;
  on: 'success' | 'failure' | 'always' = 'always';
  until: 'task' | 'operation' | 'root' = 'operation';
  outcomeOf: 'path' | 'operation' = 'path';
  task: Task | null | undefined = undefined;
  key: unknown = undefined;
  coalesce: 'first' | 'last' | ((earlier: unknown, later: unknown) => unknown) | undefined = undefined;
  discard: ((reason: DiscardReason, data: unknown) => unknown) | undefined = undefined;
  signal: AbortSignal | undefined = undefined;
  timeout: number | undefined = undefined;
  outside: 'throw' | 'run' = 'throw';
}

/** Reads the options of `defer` into `settings`. @internal */
export const readDeferOptions = <S extends DeferSettings>(options: unknown, settings: S): S => {
  readOptions(options, 'options', DEFER, settings);
  if (settings.coalesce !== undefined && settings.key === undefined) {
    throw invalidUse('`coalesce` needs a `key`: work without one is never coalesced');
  }
  if (settings.until === 'task' && settings.task === null) {
    throw invalidUse("`until: 'task'` cannot go with `task: null`, which binds the work to the operation");
  }
  return settings;
};

/** Whether a resource is kept until the end of its task. @internal */
export const isUntilTask = (options: unknown): boolean =>
  options !== undefined && readOptions(options, 'options', USE, { until: 'operation' }).until === 'task';

/** How long `shutdown` waits, in milliseconds. @internal */
export const shutdownGrace = (options: unknown): number =>
  options === undefined ? Infinity : readOptions(options, 'options', SHUTDOWN, { grace: Infinity }).grace;

/** @internal */
export const checkInterceptor = (interceptor: unknown): void =>
  void readOptions(interceptor, 'interceptor', INTERCEPTOR, {});
