import { Course } from './course.js';
import { deliverAll, deliverReport, deliverValue, warnUnheard } from './deliver.js';
import type { Deliver } from './deliver.js';
import type { OperationCore } from './operation.js';
import type { OperationReport } from './report.js';
import type { SettledOperation } from './surface.js';
import { pendingOf, whenSettled } from './thenable.js';

/** @internal */
export type Body<T> = (operation: OperationCore) => T | PromiseLike<T>;

const conduct = <R>(operation: OperationCore, body: Body<unknown>, deliver: Deliver<R>): Promise<R> => {
  let value: unknown;
  try {
    value = body(operation);
    const pending = pendingOf(value);
    if (pending !== undefined) return follow(operation, pending, deliver);
    operation.fulfilWith(value);
  } catch (reason) {
    value = undefined;
    operation.rejectWith(reason);
  }
  try {
    return Promise.resolve(new Course(operation, deliver, value).end());
  } catch (error) {
    return Promise.reject(error);
  }
};

const follow = <R>(
  operation: OperationCore,
  pending: Promise<unknown>,
  deliver: Deliver<R>,
): Promise<Awaited<R>> =>
  whenSettled<R | PromiseLike<R>>(
    pending,
    (value) => {
      if (deliver === deliverValue && operation.endAtOnce()) return value as R;
      operation.fulfilWith(value);
      return new Course(operation, deliver, value).end();
    },
    (reason) => {
      operation.rejectWith(reason);
      return new Course(operation, deliver, undefined).end();
    },
  );

/** Settles as the function does, unless works failed. @internal */
export const unwrap = (operation: OperationCore, body: Body<unknown>): Promise<unknown> =>
  conduct(operation, body, deliverValue);

/** Never rejects: everything is told in what it resolves with. @internal */
export const settleAll = (
  operation: OperationCore,
  body: Body<unknown>,
): Promise<SettledOperation<unknown>> => conduct(operation, body, deliverAll);

/** For an operation that was opened by hand. @internal */
export const closeReport = (operation: OperationCore, body: Body<unknown>): Promise<OperationReport> =>
  conduct(operation, body, deliverReport);

/** For a work that ran outside any operation: nobody waits for it, so nothing may reject. @internal */
export const runUnattended = (operation: OperationCore, body: Body<unknown>): Promise<void> =>
  conduct(operation, body, warnUnheard);
