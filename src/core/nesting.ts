import type { ContextCarrier } from '../api/carrier.js';
import { noop } from './promises.js';
import type { Scope } from './scope.js';

/** How many operations and tasks may be opened inside one another in one turn before the stack is looked at. */
const SAFE = 64;

/**
 * Passed as arguments, they take 64 kB of the stack: more than the engine and Node.js use for one more level. Frames of
 * a recursive function would take an amount that depends on the compiler.
 */
const FILL: readonly never[] = Array.from({ length: 8000 });

/** How many scopes have been entered inside one another in this turn. */
let depth = 0;

/** Whether so many are open in this turn that what follows has to wait for an empty stack. */
export const isNestedDeeply = (): boolean => depth > SAFE;

/**
 * Throws the platform's `RangeError` where the stack is nearly used up. Call it before anything is opened: an overflow
 * later would leave half of an operation, and inside `async_hooks` it would end the process (G6).
 */
export const checkStack = (): void => {
  if (isNestedDeeply()) Reflect.apply(noop, undefined, FILL);
};

/** Calls `fn` as if nothing were open in this turn. */
export const afresh = <R>(fn: () => R): R => {
  checkStack();
  const outer = depth;
  depth = 0;
  try {
    return fn();
  } finally {
    depth = outer;
  }
};

/** `carrier.run`, counted. */
export const nested = <A, B, R>(
  carrier: ContextCarrier,
  scope: Scope | undefined,
  fn: (first: A, second: B) => R,
  first: A,
  second: B,
): R => {
  depth++;
  try {
    return carrier.run(scope, fn, first, second);
  } finally {
    depth--;
  }
};
