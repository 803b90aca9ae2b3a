import { DeferredWorkError } from './errors.js';
import type { DrainTimeoutError } from './errors.js';
import { warn } from './failures.js';
import type { OperationCore } from './operation.js';
import { fulfilled, rejected } from './outcome.js';
import type { OperationReport } from './report.js';
import type { SettledOperation } from './surface.js';

/** What who waits for an operation gets, once that has ended. @internal */
export type Deliver<R> = (operation: OperationCore, value: unknown) => R;

type Failure = DeferredWorkError | DrainTimeoutError;

/** What an operation whose function fulfilled rejects with; `undefined` if all has gone well. */
const failureOf = (operation: OperationCore, value: unknown): Failure | undefined => {
  if (operation.untouched) return undefined;
  const cut = operation.cut?.error(value);
  if (cut !== undefined || !operation.account.failed) return cut;
  const error = new DeferredWorkError(operation.account.failures.list, value, operation.report());
  // What of the stack is the library's tells nobody anything; what is left, if all went at once, is the caller's.
  Error.captureStackTrace(error, operation.engine.withOperation);
  return error;
};

/** Says what nobody else has heard: one warning for each operation. @internal */
export const warnUnheard = (operation: OperationCore, value?: unknown): void => {
  // Every single failure has been heard; that an operation was cut short is more than its failures.
  const { untouched } = operation;
  if (untouched || (operation.account.failed && operation.account.failures.heard)) return;
  const error = failureOf(operation, value);
  if (error !== undefined) warn(error.message, error.code, error);
};

/** G21: the function's own reason, else the failures of works, else the value. @internal */
export const deliverValue = (operation: OperationCore, value: unknown): unknown => {
  if (!operation.rejected && operation.settings.workErrors === 'throw') {
    const error = failureOf(operation, value);
    if (error !== undefined) throw error;
    return value;
  }
  warnUnheard(operation, value);
  if (operation.rejected) throw operation.result;
  return value;
};

/** @internal */
export const deliverAll = (operation: OperationCore, value: unknown): SettledOperation<unknown> => ({
  outcome: operation.rejected ? rejected(operation.result) : fulfilled(value),
  report: operation.report(),
});

/** After `fail` the reason is no news to who closes the operation. @internal */
export const deliverReport = (operation: OperationCore): OperationReport => {
  if (!operation.rejected && operation.settings.workErrors === 'throw') {
    const error = failureOf(operation, undefined);
    if (error !== undefined) throw error;
  } else {
    warnUnheard(operation);
  }
  return operation.report();
};
