import { invalidRange, invalidType } from '../core/invalid-argument.js';
import { currentOperation, intercept, openOperation } from '../index.js';
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
   * The runtime whose functions `fn` uses.
   *
   * @default the one whose functions the package exports
   */
  runtime?: Pick<Runtime, 'openOperation' | 'currentOperation' | 'intercept'> | undefined;
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
  const { outcome, runtime = { openOperation, currentOperation, intercept }, ...others } = options;
  if (typeof fn !== 'function') throw invalidType('fn', 'a function', fn);
  if (outcome !== undefined && outcome !== 'success' && outcome !== 'failure') {
    throw invalidType('options.outcome', "'success' or 'failure'", outcome);
  }
  const { concurrency = 1 } = others;
  const isLimit = typeof concurrency === 'number';
  if (isLimit && !(concurrency === Infinity || (Number.isInteger(concurrency) && concurrency > 0))) {
    throw invalidRange('options.concurrency', 'a whole number from 1, Infinity or a PQueue', concurrency);
  }
  const queue = new HeldQueue(concurrency);
  const handle = runtime.openOperation({
    nesting: 'detached',
    ...others,
    concurrency: queue,
    report: 'full',
  });
  const operation = handle.run(runtime.currentOperation)!;
  const capture = new Capture(operation, queue, runtime);
  const result = await settled(() => handle.run(() => fn(operation)));
  if (outcome === 'failure' || (outcome === undefined && result.status === 'rejected')) {
    handle.fail(result.status === 'rejected' ? result.reason : new Error('The test forces a failure'));
  }
  await capture.reach(handle);
  return new CapturedOperation(result as Outcome<T>, capture);
};

const settled = async (fn: () => unknown): Promise<Outcome> => {
  try {
    return { status: 'fulfilled', value: await fn() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
};
