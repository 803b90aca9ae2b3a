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
  let end = fulfil;
  let value: unknown;
  try {
    value = body(operation);
    const pending = pendingOf(value);
    if (pending !== undefined) return follow(operation, pending, deliver);
  } catch (reason) {
    end = reject;
    value = reason;
  }
  try {
    return Promise.resolve(end(operation, deliver, value));
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
    (value) => fulfil(operation, deliver, value),
    (reason) => reject(operation, deliver, reason),
  );

/** What the operation settles with, or something to follow. */
const fulfil = <R>(operation: OperationCore, deliver: Deliver<R>, value: unknown): R | PromiseLike<R> => {
  if (deliver === deliverValue) {
    const { plain } = operation;
    if (plain === undefined) {
      if (operation.endAtOnce()) return value as R;
    } else if (operation.beginPlain(value)) {
      return plain.end() as R;
    }
  }
  operation.fulfilWith(value);
  return new Course(operation, deliver, value).end();
};

const reject = <R>(operation: OperationCore, deliver: Deliver<R>, reason: unknown): R | PromiseLike<R> => {
  operation.rejectWith(reason);
  return new Course(operation, deliver, undefined).end();
};

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
