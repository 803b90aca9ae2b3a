import { cutShort } from './cut-short.js';
import { Deadline } from './deadline.js';
import { DeferredWorkError } from './errors.js';
import type { DrainTimeoutError } from './errors.js';
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
    try {
      while (operation.active > 0 && operation.cut === undefined) await operation.bell.rung();
      if (operation.cut === undefined) {
        operation.state = 'draining';
        const deadline = startDeadline(operation);
        // Until there is nothing to wait for: between that and the seal nothing can come in between (G9).
        try {
          let draining: Promise<void> | undefined;
          do {
            while ((draining = operation.drain()) !== undefined) await draining;
          } while (operation.promote());
        } finally {
          deadline?.clear();
          if (operation.cut === undefined) operation.seal();
        }
      }
      if (operation.cut !== undefined) await operation.cut.over;
    } finally {
      operation.depart();
    }
    try {
      return deliver(operation, value);
    } finally {
      operation.forget();
    }
  };

const startDeadline = (operation: OperationCore): Deadline | undefined => {
  const { drainTimeout } = operation.settings;
  if (drainTimeout === Infinity || operation.untouched) return undefined;
  return new Deadline(drainTimeout, () => void cutShort(operation, drainTimeout));
};

type Failure = DeferredWorkError | DrainTimeoutError;

/** What an operation whose function fulfilled rejects with; `undefined` if all has gone well. */
const failureOf = (operation: OperationCore, value: unknown): Failure | undefined => {
  if (operation.untouched) return undefined;
  const cut = operation.cut?.error(value);
  if (cut !== undefined || !operation.account.failed) return cut;
  return new DeferredWorkError(operation.account.failures.list, value, operation.report());
};

/** Says what nobody else has heard: one warning for each operation. */
const warnUnheard = (operation: OperationCore, value?: unknown): void => {
  // Every single failure has been heard; that an operation was cut short is more than its failures.
  const { untouched } = operation;
  if (untouched || (operation.account.failed && operation.account.failures.heard)) return;
  const error = failureOf(operation, value);
  if (error !== undefined) warn(error.message, error.code, error);
};

/** G21: the function's own reason, else the failures of works, else the value. @internal */
export const unwrap = conduct((operation, value) => {
  if (!operation.rejected && operation.settings.workErrors === 'throw') {
    const error = failureOf(operation, value);
    if (error !== undefined) throw error;
    return value;
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
  if (!operation.rejected && operation.settings.workErrors === 'throw') {
    const error = failureOf(operation, undefined);
    if (error !== undefined) throw error;
  } else {
    warnUnheard(operation);
  }
  return operation.report();
});

/** For a work that ran outside any operation: nobody waits for it, so nothing may reject. @internal */
export const runUnattended = conduct((operation) => warnUnheard(operation));
