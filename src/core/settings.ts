import { invalidRange, invalidType, invalidUse } from './invalid-argument.js';
import type { OperationOptions, TaskOptions } from './surface.js';
import { WorkDetails } from './work.js';

/** The options of an operation with every default filled in. @internal */
export interface OperationSettings {
  readonly name: string | undefined;
  readonly nesting: 'nested' | 'join' | 'detached';
  readonly order: 'fifo' | 'lifo';
  readonly signal: AbortSignal | undefined;
  readonly maxPending: number;
  readonly maxChain: number;
  readonly workErrors: 'throw' | 'report';
  readonly onWorkError: OperationOptions['onWorkError'];
  readonly report: 'counts' | 'full';
}

/** @internal */
export const DEFAULTS: OperationSettings = Object.freeze({
  name: undefined,
  nesting: 'nested',
  order: 'fifo',
  signal: undefined,
  maxPending: Infinity,
  maxChain: 1000,
  workErrors: 'throw',
  onWorkError: undefined,
  report: 'counts',
});

type Check = (value: unknown, what: string) => void;

const text: Check = (value, what) => {
  if (typeof value !== 'string') throw invalidType(what, 'a string', value);
};

const callable: Check = (value, what) => {
  if (typeof value !== 'function') throw invalidType(what, 'a function', value);
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

const oneAtATime: Check = (value, what) => {
  if (typeof value !== 'number') throw invalidType(what, '1: this version runs one work at a time', value);
  if (value !== 1) throw invalidRange(what, '1: this version runs one work at a time', value);
};

const noDeadline: Check = (value, what) => {
  if (typeof value !== 'number') throw invalidType(what, 'Infinity: this version has no deadlines', value);
  if (value !== Infinity) throw invalidRange(what, 'Infinity: this version has no deadlines', value);
};

const anything: Check = () => {};

const OPERATION: Readonly<Record<string, Check>> = {
  name: text,
  nesting: oneOf('nested', 'join', 'detached'),
  order: oneOf('fifo', 'lifo'),
  concurrency: oneAtATime,
  signal: abortSignal,
  drainTimeout: noDeadline,
  maxPending: count(0),
  maxChain: count(1),
  workErrors: oneOf('throw', 'report'),
  onWorkError: callable,
  report: oneOf('counts', 'full'),
};

const TASK: Readonly<Record<string, Check>> = { name: text, concurrency: oneAtATime };

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
  timeout: noDeadline,
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

/** @internal */
export const taskName = (nameOrOptions: string | TaskOptions): string | undefined => {
  if (typeof nameOrOptions === 'string') return nameOrOptions;
  const settings = { name: undefined };
  read(nameOrOptions, 'options', TASK, settings);
  return settings.name;
};

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
