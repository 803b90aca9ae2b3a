import { invalidRange, invalidType, invalidUse } from './invalid-argument.js';
import type { JobQueue } from './options.js';

/** Throws if the value is not what the option or argument called `what` has to be. */
type Check = (value: unknown, what: string) => void;
type Checks = Readonly<Record<string, Check>>;

const ofType =
  (type: string, expected: string): Check =>
  (value, what) => {
    if (typeof value !== type) throw invalidType(what, expected, value);
  };

const text = ofType('string', 'a string');
const flag = ofType('boolean', 'true or false');

/** @internal */
export const requireFunction = ofType('function', 'a function');

/**
 * For a function that is to run. The body of a generator function would not run when it is called.
 * @internal
 */
export const requireBody: Check = (value, what) => {
  if (typeof value !== 'function') throw invalidType(what, 'a function', value);
  const tag = (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag !== 'GeneratorFunction' && tag !== 'AsyncGeneratorFunction') return;
  throw invalidUse(
    `\`${what}\` is a generator function, whose body does not run when it is called. Pass a function that ` +
      'consumes the generator, or one that returns a promise',
  );
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
const milliseconds =
  (expected: string, fits: (value: number) => boolean): Check =>
  (value, what) => {
    if (typeof value !== 'number') throw invalidType(what, expected, value);
    if (!fits(value)) throw invalidRange(what, expected, value);
  };

const duration = milliseconds('a number of milliseconds above 0, or Infinity', (value) => value > 0);

const limitOrQueue: Check = (value, what) => {
  if (typeof value === 'number') return count(1)(value, what);
  const queue = value as Partial<JobQueue> | null;
  const fits =
    typeof queue === 'object' && typeof queue?.add === 'function' && typeof queue.concurrency === 'number';
  if (!fits) throw invalidType(what, 'a whole number from 1, Infinity, or a PQueue', value);
};

const anything: Check = () => {};

/** @internal */
export const OPERATION: Checks = {
  name: text,
  nesting: oneOf('nested', 'savepoint', 'join', 'detached'),
  order: oneOf('fifo', 'lifo'),
  concurrency: limitOrQueue,
  signal: abortSignal,
  drainTimeout: duration,
  drainSignal: abortSignal,
  maxPending: count(0),
  maxChain: count(1),
  workErrors: oneOf('throw', 'report'),
  onWorkError: requireFunction,
  report: oneOf('counts', 'full'),
  trace: flag,
};

/** @internal */
export const TASK: Checks = { name: text, concurrency: count(1) };

/** @internal */
export const DEFER: Checks = {
  name: text,
  data: anything,
  on: oneOf('success', 'failure', 'always'),
  until: oneOf('task', 'operation', 'root'),
  outcomeOf: oneOf('path', 'operation'),
  // Whether it is a task is for the core to say.
  task: anything,
  key(value, what) {
    if (value === null) throw invalidType(what, 'anything but null', value);
  },
  coalesce(value, what) {
    if (typeof value !== 'function' && value !== 'first' && value !== 'last') {
      throw invalidType(what, "'first', 'last' or a function", value);
    }
  },
  discard: requireFunction,
  signal: abortSignal,
  timeout: duration,
  outside: oneOf('throw', 'run'),
};

/** @internal */
export const INTERCEPTOR: Checks = { operation: requireFunction, work: requireFunction };

/** @internal */
export const USE: Checks = { until: oneOf('task', 'operation') };

/** @internal */
export const SHUTDOWN: Checks = {
  grace: milliseconds('a number of milliseconds from 0, or Infinity', (value) => value >= 0),
};

/** Checks each option that is given and copies it to `into`, if `into` has that property. @internal */
export const readOptions = <Into extends object>(
  options: unknown,
  what: string,
  checks: Checks,
  into: Into,
): Into => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidType(what, 'an object', options);
  }
  const target = into as Record<string, unknown>;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      throw invalidUse(
        `Unknown option \`${name}\` in \`${what}\`. The options are: ${Object.keys(checks).join(', ')}`,
      );
    }
    check(value, `${what}.${name}`);
    if (name in target) target[name] = value;
  }
  return into;
};
