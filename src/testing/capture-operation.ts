import { invalidRange, invalidType } from '../api/invalid-argument.js';
import { intercept, withOperation } from '../index.js';
import type { Operation, OperationOptions, Outcome, Runtime } from '../index.js';
import { Capture } from './capture.js';
import { CapturedOperation } from './captured-operation.js';
import { HeldQueue } from './held-queue.js';

/** Options of `captureOperation`: the options of the operation, and two for the test. */
export interface CaptureOptions extends OperationOptions {
  /**
   * The outcome that work items see instead of the outcome of `fn`. If `fn` fulfilled, `failure` uses
   * the error `The test forces a failure`.
   *
   * @default the outcome of `fn`
   */
  outcome?: 'success' | 'failure' | undefined;
  /**
   * The runtime whose functions `fn` uses. Its `defaults` apply, except for `concurrency`, which has to
   * be given here.
   *
   * @default the runtime whose functions the package exports
   */
  runtime?: Pick<Runtime, 'withOperation' | 'intercept'> | undefined;
}

/**
 * Runs `fn` as an operation up to its boundary and stops there. Resolves with a `CapturedOperation`
 * once `fn`, its tasks and its nested operations have settled. None of the work that it lists has run
 * yet.
 *
 * The test decides when the items run. The library itself runs them, in their contexts and their
 * order. `until: 'task'` work, flushed work and the work of nested operations run as they would
 * without the capture.
 *
 * The operation is a new root unless `nesting` is `nested`. All other options apply, including `order`
 * and `concurrency`, and the report is always `full`. The operation stays alive until its items have
 * been run or discarded. `await using` and the fixture for Vitest discard what is left.
 *
 * A rejection of `fn` does not reject the call. Invalid arguments do, with a `TypeError` or
 * `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
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
  // These have no boundary of their own to stop at.
  if (nesting === 'join' || nesting === 'savepoint') {
    throw invalidType('options.nesting', "'nested' or 'detached'", nesting);
  }
  const queue = new HeldQueue(concurrency);
  let capture: Capture | undefined;
  let result: Outcome | undefined;
  const ended = runtime.withOperation(
    { ...others, nesting, concurrency: queue, report: 'full' },
    async (operation) => {
      capture = new Capture(operation, queue, runtime);
      result = await settled(() => fn(operation));
      return outcomeForWork(result, outcome);
    },
  );
  // Invalid options reject before the function is called, and never after that.
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

/** Returns or throws what the work items are to see as the outcome. */
const outcomeForWork = (result: Outcome, forced: CaptureOptions['outcome']): unknown => {
  if (result.status === 'fulfilled') {
    if (forced === 'failure') throw new Error('The test forces a failure');
    return result.value;
  }
  if (forced === 'success') return undefined;
  throw result.reason;
};
