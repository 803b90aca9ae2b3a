import { runDrain } from './drain.js';
import { DeferredWorkError } from './errors.js';
import { warn } from './failures.js';
import type { OperationCore } from './operation.js';
import { fulfilled, rejected } from './outcome.js';
import type { OperationReport } from './report.js';
import type { SettledOperation } from './surface.js';
import { pendingOf } from './thenable.js';

/** @internal */
export type Body<T> = (operation: OperationCore) => T | PromiseLike<T>;

/** The life of an operation: its function, what it waits for, the drain, the seal. */
const conduct =
  <R>(deliver: (operation: OperationCore, value: unknown) => R) =>
  async (operation: OperationCore, body: Body<unknown>): Promise<R> => {
    let value: unknown;
    try {
      value = body(operation);
      const pending = pendingOf(value);
      if (pending !== undefined) value = await pending;
      operation.fulfilWith(value);
    } catch (reason) {
      operation.rejectWith(reason);
    }
    while (operation.active > 0) await operation.stirred();
    operation.state = 'draining';
    // Until there is nothing to wait for: between that and the seal nothing can come in between (G9).
    try {
      let draining: Promise<void> | undefined;
      do {
        while ((draining = runDrain(operation, operation.engine.step)) !== undefined) await draining;
      } while (operation.promote());
    } finally {
      operation.seal();
    }
    try {
      return deliver(operation, value);
    } finally {
      operation.forget();
    }
  };

const workError = (operation: OperationCore, value: unknown): DeferredWorkError =>
  new DeferredWorkError(operation.account.failures.list, value, operation.report());

/** Says what nobody else has heard: one warning for each operation. */
const warnUnheard = (operation: OperationCore, value?: unknown): void => {
  if (operation.untouched || !operation.account.failed || operation.account.failures.heard) return;
  const error = workError(operation, value);
  warn(error.message, error.code, error);
};

/** G21: the function's own reason, else the failures of works, else the value. @internal */
export const unwrap = conduct((operation, value) => {
  if (!operation.rejected) {
    const failed = !operation.untouched && operation.account.failed;
    if (!failed) return value;
    if (operation.settings.workErrors === 'throw') throw workError(operation, value);
  }
  warnUnheard(operation, value);
  if (operation.rejected) throw operation.reason;
  return value;
});

/** Never rejects: everything is told in what it resolves with. @internal */
export const settleAll = conduct((operation, value): SettledOperation<unknown> => ({
  outcome: operation.rejected ? rejected(operation.reason) : fulfilled(value),
  report: operation.report(),
}));

/** For an operation that was opened by hand: after `fail` the reason is no news to who closes it. @internal */
export const closeReport = conduct((operation): OperationReport => {
  if (!operation.rejected && !operation.untouched && operation.account.failed) {
    if (operation.settings.workErrors === 'throw') throw workError(operation, undefined);
  }
  warnUnheard(operation);
  return operation.report();
});

/** For a work that ran outside any operation: nobody waits for it, so nothing may reject. @internal */
export const runUnattended = conduct((operation) => warnUnheard(operation));
