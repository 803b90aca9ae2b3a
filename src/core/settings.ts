import { invalidRange, invalidType, invalidUse } from './invalid-argument.js';
import type { JobQueue, OperationOptions, TaskOptions } from './surface.js';
import { WorkDetails } from './work.js';

/** The options of an operation with every default filled in. @internal */
export interface OperationSettings {
  readonly name: string | undefined;
  readonly nesting: 'nested' | 'join' | 'detached';
  readonly order: 'fifo' | 'lifo';
  readonly concurrency: number | JobQueue;
  readonly signal: AbortSignal | undefined;
  readonly drainTimeout: number;
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
  maxPending: Infinity,
  maxChain: 1000,
  workErrors: 'throw',
  onWorkError: undefined,
  report: 'counts',
  trace: false,
});

type Check = (value: unknown, what: string) => void;

const text: Check = (value, what) => {
  if (typeof value !== 'string') throw invalidType(what, 'a string', value);
};

const callable: Check = (value, what) => {
  if (typeof value !== 'function') throw invalidType(what, 'a function', value);
};

const flag: Check = (value, what) => {
  if (typeof value !== 'boolean') throw invalidType(what, 'true or false', value);
};

const oneOf =
  (...words: readonly string[]): Check =>
  (value, what) => {
    if (typeof value !== 'string' || !words.includes(value)) {
      throw invalidType(what, words.map((word) => `'${word}'`).join(' or '), value);
    }
  };

const abortSignal: Check = (value, what) => {
  const signal = value as Partial<AbortSignal> | null;
  const fits =
    typeof signal === 'object' &&
    typeof signal?.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' &&
    typeof signal.removeEventListener === 'function';
  if (!fits) throw invalidType(what, 'an AbortSignal', value);
};

const count =
  (least: number): Check =>
  (value, what) => {
    const expected = `a whole number from ${least}, or Infinity`;
    if (typeof value !== 'number') throw invalidType(what, expected, value);
    if (!(value >= least) || (value !== Infinity && !Number.isInteger(value))) {
      throw invalidRange(what, expected, value);
    }
  };

/** Milliseconds, which need not be whole. */
const duration: Check = (value, what) => {
  const expected = 'a number of milliseconds above 0, or Infinity';
  if (typeof value !== 'number') throw invalidType(what, expected, value);
  if (!(value > 0)) throw invalidRange(what, expected, value);
};

const limitOrQueue: Check = (value, what) => {
  if (typeof value === 'number') return count(1)(value, what);
  const queue = value as Partial<JobQueue> | null;
  const fits =
    typeof queue === 'object' && typeof queue?.add === 'function' && typeof queue.concurrency === 'number';
  if (!fits) throw invalidType(what, 'a whole number from 1, Infinity, or a PQueue', value);
};

const anything: Check = () => {};

const OPERATION: Readonly<Record<string, Check>> = {
  name: text,
  nesting: oneOf('nested', 'join', 'detached'),
  order: oneOf('fifo', 'lifo'),
  concurrency: limitOrQueue,
  signal: abortSignal,
  drainTimeout: duration,
  maxPending: count(0),
  maxChain: count(1),
  workErrors: oneOf('throw', 'report'),
  onWorkError: callable,
  report: oneOf('counts', 'full'),
  trace: flag,
};

const TASK: Readonly<Record<string, Check>> = { name: text, concurrency: count(1) };

const INTERCEPTOR: Readonly<Record<string, Check>> = { operation: callable, work: callable };

const SHUTDOWN: Readonly<Record<string, Check>> = { grace: duration };

const DEFER: Readonly<Record<string, Check>> = {
  name: text,
  data: anything,
  on: oneOf('success', 'failure', 'always'),
  until: oneOf('task', 'operation', 'root'),
  task: anything,
  key: (value, what) => {
    if (value === null) throw invalidType(what, 'anything but null', value);
  },
  coalesce: (value, what) => {
    if (typeof value !== 'function' && value !== 'first' && value !== 'last') {
      throw invalidType(what, "'first', 'last' or a function", value);
    }
  },
  discard: callable,
  signal: abortSignal,
  timeout: duration,
  outside: oneOf('throw', 'run'),
};

/** Copies the options that were given, each of them checked, over what `into` has. */
const read = (
  options: unknown,
  what: string,
  checks: Readonly<Record<string, Check>>,
  into: object,
): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidType(what, 'an object', options);
  }
  const target = into as Record<string, unknown>;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      throw invalidUse(
        `Unknown option \`${name}\` in \`${what}\`. There are: ${Object.keys(checks).join(', ')}`,
      );
    }
    check(value, `${what}.${name}`);
    if (name in target) target[name] = value;
  }
};

/** @internal */
export const operationSettings = (
  nameOrOptions: string | OperationOptions | undefined,
  defaults: OperationSettings,
  what = 'options',
): OperationSettings => {
  if (nameOrOptions === undefined) return defaults;
  const settings = { ...defaults };
  if (typeof nameOrOptions === 'string') settings.name = nameOrOptions;
  else read(nameOrOptions, what, OPERATION, settings);
  return settings;
};

/** Whether nothing in them asks for more than a `PlainRun` can do. @internal */
export const arePlain = (settings: OperationSettings): boolean =>
  settings === DEFAULTS ||
  (settings.order === 'fifo' &&
    settings.drainTimeout === Infinity &&
    settings.maxPending === Infinity &&
    settings.report === 'counts' &&
    !settings.trace);

/** The options of a task with every default filled in. @internal */
export interface TaskSettings {
  readonly name: string | undefined;
  readonly concurrency: number;
}

/** @internal */
export const taskSettings = (nameOrOptions: string | TaskOptions): TaskSettings => {
  if (typeof nameOrOptions === 'string') return { name: nameOrOptions, concurrency: 1 };
  const settings = { name: undefined, concurrency: 1 };
  read(nameOrOptions, 'options', TASK, settings);
  return settings;
};

/** How long `shutdown` waits, in milliseconds. @internal */
export const shutdownGrace = (options: unknown): number => {
  const settings = { grace: Infinity };
  if (options !== undefined) read(options, 'options', SHUTDOWN, settings);
  return settings.grace;
};

/** @internal */
export const checkInterceptor = (interceptor: unknown): void =>
  read(interceptor, 'interceptor', INTERCEPTOR, {});

/** @internal */
export const workDetails = (options: unknown): WorkDetails | undefined => {
  if (options === undefined) return undefined;
  const details = new WorkDetails();
  read(options, 'options', DEFER, details);
  if (details.coalesce !== undefined && details.key === undefined) {
    throw invalidUse('`coalesce` needs a `key`: works without one are never coalesced');
  }
  if (details.until === 'task' && details.task === null) {
    throw invalidUse("`until: 'task'` cannot go with `task: null`, which binds the work to the operation");
  }
  return details;
};

/** @internal */
export const requireFunction = (value: unknown, what: string): void => callable(value, what);
