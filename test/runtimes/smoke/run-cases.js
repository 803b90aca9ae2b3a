import { carriers } from './carriers.js';
import { concurrency } from './concurrency.js';
import { contexts } from './context.js';
import { deadlines } from './deadlines.js';
import { diagnostics } from './diagnostics.js';
import { errors } from './errors.js';
import { nesting } from './nesting.js';
import { order } from './order.js';
import { platform } from './platform.js';
import { works } from './works.js';

/**
 * The cases: `{ title, run, unsupported? }`. `unsupported` is `{ what, on }`: what some runtimes cannot do, and by the name of
 * each of them a pattern of how the case fails there. It then has to fail, and in that very way.
 */
export const cases = [
  ...order,
  ...contexts,
  ...carriers,
  ...concurrency,
  ...nesting,
  ...errors,
  ...works,
  ...deadlines,
  ...diagnostics,
  ...platform,
];

/** How long a case may take before it counts as one that never ends, in milliseconds. */
const LIMIT = 20_000;

const bounded = (promise) => {
  let timer;
  const over = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not ended within ${LIMIT} ms`)), LIMIT);
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
};

const textOf = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** Runs one case. Tells what is wrong, or nothing. */
const problemOf = async ({ run, unsupported }, runtime, unhandled) => {
  let error;
  try {
    await bounded((async () => run({ unhandled }))());
  } catch (thrown) {
    error = thrown;
  }
  const left = unhandled.splice(0);
  const expected = unsupported?.on[runtime];
  if (error === undefined && left.length > 0) return `unhandled: ${left.map(textOf).join('; ')}`;
  if (expected === undefined) {
    return error === undefined ? undefined : `${textOf(error)}\n${String(error?.stack ?? '')}`;
  }
  if (error === undefined) return `it is said that ${runtime} cannot do this, and it can`;
  if (!expected.test(textOf(error))) return `it is to fail with ${expected}, and did with ${textOf(error)}`;
  return undefined;
};

/**
 * Runs all cases, one after the other, and gives plain data. `unhandled` collects the reasons of unhandled rejections: what
 * it holds after a case that did not take it out is that case's failure.
 */
export const runCases = async (runtime, unhandled) => {
  const passed = [];
  const notSupported = [];
  const failed = [];
  for (const one of cases) {
    const problem = await problemOf(one, runtime, unhandled);
    if (problem !== undefined) failed.push({ title: one.title, problem });
    else if (one.unsupported?.on[runtime] === undefined) passed.push(one.title);
    else notSupported.push(one.unsupported.what);
  }
  return { passed, notSupported: [...new Set(notSupported)], failed };
};
