import { invalidRange, invalidType } from '../api/invalid-argument.js';
import { intercept, withOperation } from '../index.js';
import type { Operation, OperationOptions, Outcome, Runtime } from '../index.js';
import { Capture } from './capture.js';
import { CapturedOperation } from './captured-operation.js';
import { HeldQueue } from './held-queue.js';

/** Options of `captureOperation`: those of the operation, and what the test wants. */
export interface CaptureOptions extends OperationOptions {
  /**
   * The outcome that the works see in place of that of `fn`: `failure` is one with an error that says so, where `fn` fulfilled.
   *
   * @default what becomes of `fn`
   */
  outcome?: 'success' | 'failure' | undefined;
  /**
   * The runtime whose functions `fn` uses. Its `defaults` are obeyed but for a `concurrency` among them: give that here.
   *
   * @default the one whose functions the package exports
   */
  runtime?: Pick<Runtime, 'withOperation' | 'intercept'> | undefined;
}

/**
 * Runs `fn` as an operation up to its boundary, and stops there: resolves once `fn`, its tasks and what is nested in it have settled,
 * with what `fn` gave and the works that it deferred, none of which has run. They are run by the library itself, in their
 * contexts and their order, when the test says so. Works of `until: 'task'`, flushed ones and those of operations nested
 * in it run where they would without the capture.
 *
 * The operation is a root of its own unless `nesting` says `nested`; `order`, `concurrency` and all other options are obeyed, and the report is always a full one. It is alive until its works
 * have been run or discarded: `await using` discards what is left, and so does the fixture for Vitest.
 *
 * Never rejects because of `fn`. Rejects with a `TypeError` or `RangeError` for bad arguments (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
 *
 * @example
 * await using captured = await captureOperation(() => placeOrder(order));
 * assert.deepEqual(captured.works.map(({ name }) => name), ['receipt', 'index']);
 * await captured.run();
 */
export const captureOperation = async <T>(
  fn: (operation: Operation) => T | PromiseLike<T>,
  options: CaptureOptions = {},
): Promise<CapturedOperation<T>> => {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { outcome, runtime = { withOperation, intercept }, ...others } = options;
  if (typeof fn !== 'function') throw invalidType('fn', 'a function', fn);
  if (outcome !== undefined && outcome !== 'success' && outcome !== 'failure') {
    throw invalidType('options.outcome', "'success' or 'failure'", outcome);
  }
  const { concurrency = 1, nesting = 'detached' } = others;
  const isLimit = typeof concurrency === 'number';
  if (isLimit && !(concurrency === Infinity || (Number.isInteger(concurrency) && concurrency > 0))) {
    throw invalidRange('options.concurrency', 'a whole number from 1, Infinity or a PQueue', concurrency);
  }
  // Where it joined another one, it had no boundary to stop at.
  if (nesting === 'join') throw invalidType('options.nesting', "'nested' or 'detached'", nesting);
  const queue = new HeldQueue(concurrency);
  let capture: Capture | undefined;
  let result: Outcome | undefined;
  const ended = runtime.withOperation(
    { ...others, nesting, concurrency: queue, report: 'full' },
    async (operation) => {
      capture = new Capture(operation, queue, runtime);
      result = await settled(() => fn(operation));
      return seenByWorks(result, outcome);
    },
  );
  // It is refused before the function is called, or not at all.
  if (capture === undefined) await ended;
  await capture!.reach(ended);
  return new CapturedOperation(result as Outcome<T>, capture!);
};

const settled = async (fn: () => unknown): Promise<Outcome> => {
  try {
    return { status: 'fulfilled', value: await fn() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
};

/** Returns or throws what the operation is to have come to. */
const seenByWorks = (result: Outcome, forced: CaptureOptions['outcome']): unknown => {
  if (result.status === 'fulfilled') {
    if (forced === 'failure') throw new Error('The test forces a failure');
    return result.value;
  }
  if (forced === 'success') return undefined;
  throw result.reason;
};
