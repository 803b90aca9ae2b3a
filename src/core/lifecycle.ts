import { type DrainAbortedError, type DrainTimeoutError } from '../api/deadline-errors.js';
import { DeferredWorkError } from '../api/errors.js';
import type { OperationReport } from '../api/report.js';
import type { SettledOperation } from '../api/types.js';
import { hasSubscribers, operationBoundary, publish } from '../observability/channels.js';
import { Deadline } from './deadline.js';
import type { DrainListener } from './drain.js';
import type { OperationCore } from './operation.js';
import { NativePromise, pendingOf, whenSettled } from './promises.js';
import { listenForAbort, stopListening, type AbortListener } from './signals.js';
import { terminate } from './terminate.js';
import { warn } from './warning.js';

/** The function of an operation. */
export type Body<T> = (operation: OperationCore) => T | PromiseLike<T>;

/** Makes what the promise of an operation settles with. It may throw. */
type ToResult<R> = (operation: OperationCore) => R;

/**
 * The life of an operation from the end of its function to its promise: the boundary, the drain, the seal.
 *
 * It is no async function: most operations wait for nothing but their function and their work. The promise that
 * the user gets follows that of the function, and where the drain takes longer it adopts this object, as any
 * thenable.
 */
class Lifecycle<R> implements DrainListener, AbortListener {
  readonly #operation: OperationCore;
  #toResult: ToResult<R>;
  #deadline: Deadline | undefined;
  #isOver = false;
  #resolve: ((value: R) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(operation: OperationCore, toResult: ToResult<R>) {
    this.#operation = operation;
    this.#toResult = toResult;
  }

  /** Starts, and returns the result if it is there at once, else this object. */
  start(): R | PromiseLike<R> {
    return this.#advance(false) ? this.#deliver() : (this as unknown as PromiseLike<R>);
  }

  onDrained(): void {
    if (this.#advance(true)) this.#end();
  }

  onBroken(cause: unknown): void {
    this.#toResult = () => {
      throw cause;
    };
    this.#stopLimits();
    const operation = this.#operation;
    if (!operation.isTerminated) terminate(operation, { limit: Infinity, cause });
    this.#awaitTermination();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- only the promise of the operation gets hold of it
  then(resolve: (value: R) => void, reject: (reason: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    if (this.#isOver) this.#settle();
  }

  /** Goes as far as it can without waiting. Returns whether the operation has ended. */
  #advance(hasDrained: boolean): boolean {
    const operation = this.#operation;
    try {
      if (operation.state === 'open') {
        if (operation.active > 0) {
          operation.wait(() => {
            if (this.#advance(false)) this.#end();
          });
          return false;
        }
        this.#reachBoundary(operation);
      }
      // Until there is nothing to wait for: between that and the seal no code can run (G9).
      if (!hasDrained && !operation.startDrain(this)) return false;
      while (operation.promote()) if (!operation.startDrain(this)) return false;
    } catch (error) {
      this.onBroken(error);
      return false;
    }
    if (this.#deadline !== undefined || operation.onLateWork !== undefined) this.#stopLimits();
    if (operation.termination === undefined) {
      operation.seal();
      return true;
    }
    this.#awaitTermination();
    return false;
  }

  #awaitTermination(): void {
    void this.#operation.termination!.over.then(() => this.#end());
  }

  #reachBoundary(operation: OperationCore): void {
    operation.state = 'draining';
    operation.confirm();
    if (hasSubscribers(operationBoundary) && !operation.isSavepoint) {
      publish(operationBoundary, { operation, outcome: operation.outcome! });
    }
    const { drainTimeout, drainSignal } = operation.settings;
    if (operation.isUntouched) return;
    if (drainTimeout !== Infinity) {
      this.#deadline = new Deadline(drainTimeout, () => void terminate(operation, { limit: drainTimeout }));
    }
    if (drainSignal === undefined) return;
    listenForAbort(drainSignal, this);
    operation.onLateWork = () => {
      if (drainSignal.aborted) this.onAbort(drainSignal.reason);
    };
    if (drainSignal.aborted && operation.order.waiting > 0) this.onAbort(drainSignal.reason);
  }

  /** The `drainSignal` aborts. With nothing queued and nothing running, the end is as it would be anyway. */
  onAbort(reason: unknown): void {
    const operation = this.#operation;
    const isRunning =
      operation.drain !== undefined && operation.drain.running().some((item) => !item.isResource);
    if (operation.isTerminated || !(isRunning || operation.isBusy || operation.order.waiting > 0)) return;
    terminate(operation, { limit: operation.settings.drainTimeout, aborted: { reason } });
  }

  #stopLimits(): void {
    this.#deadline?.clear();
    const operation = this.#operation;
    const { drainSignal } = operation.settings;
    if (drainSignal === undefined) return;
    stopListening(drainSignal, this);
    operation.onLateWork = undefined;
  }

  #end(): void {
    this.#isOver = true;
    if (this.#resolve !== undefined) this.#settle();
  }

  #settle(): void {
    try {
      this.#resolve?.(this.#deliver());
    } catch (error) {
      this.#reject?.(error);
    }
  }

  /** Delivers the result, and then releases everything. */
  #deliver(): R {
    const operation = this.#operation;
    operation.depart();
    try {
      return this.#toResult(operation);
    } finally {
      operation.forget();
    }
  }
}

/** Runs the function of an operation and takes the operation to its end. Call it inside the operation's scope. */
const conduct = <R>(
  operation: OperationCore,
  body: Body<unknown>,
  toResult: ToResult<R>,
): Promise<Awaited<R>> => {
  const onFulfilled = (value: unknown): R | PromiseLike<R> => {
    operation.fulfil(value);
    return new Lifecycle(operation, toResult).start();
  };
  const onRejected = (reason: unknown): R | PromiseLike<R> => {
    operation.reject(reason);
    return new Lifecycle(operation, toResult).start();
  };
  let settle = onFulfilled;
  let result: unknown;
  try {
    result = body(operation);
    const pending = pendingOf(result);
    if (pending !== undefined) return whenSettled<R | PromiseLike<R>>(pending, onFulfilled, onRejected);
  } catch (reason) {
    settle = onRejected;
    result = reason;
  }
  return new NativePromise((resolve) => resolve(settle(result) as Awaited<R>));
};

type Failure = DeferredWorkError | DrainTimeoutError | DrainAbortedError;

/** Returns what an operation rejects with whose function fulfilled; `undefined` if all went well. */
const failureOf = (operation: OperationCore): Failure | undefined => {
  if (operation.isUntouched) return undefined;
  const { failures } = operation.ledger;
  const value = operation.isRejected ? undefined : operation.result;
  const timeout = operation.termination?.error(value);
  if (timeout !== undefined || failures.length === 0) return timeout;
  const error = new DeferredWorkError(failures, value, operation.report());
  // Frames of the library tell nothing. What is left of the stack, if all went at once, is the caller's.
  Error.captureStackTrace(error, operation.runtime.withOperation);
  return error;
};

/** Emits one process warning for failures that reach no other code. */
const warnOfFailures: ToResult<void> = (operation) => {
  if (operation.isUntouched || operation.ledger.areFailuresReported) return;
  const error = failureOf(operation);
  if (error !== undefined) warn(error.message, error.code, error);
};

/** Throws for failed work, or warns of it where the operation is not to reject because of it (G21). */
const reportFailures: ToResult<void> = (operation) => {
  if (operation.isRejected || operation.settings.workErrors === 'report') return warnOfFailures(operation);
  const error = failureOf(operation);
  if (error !== undefined) throw error;
};

/** G21: the function's own reason, else the failures of work, else the value. */
const toValue: ToResult<unknown> = (operation) => {
  reportFailures(operation);
  if (operation.isRejected) throw operation.result;
  return operation.result;
};

const toSettled: ToResult<SettledOperation<unknown>> = (operation) => ({
  outcome: operation.outcome!,
  report: operation.report(),
});

/** After `fail` the caller of `close` knows the reason. */
const toReport: ToResult<OperationReport> = (operation) => {
  reportFailures(operation);
  return operation.report();
};

/** Runs an operation whose promise settles as its function does, unless work failed. */
export const runToValue = (operation: OperationCore, body: Body<unknown>): Promise<unknown> =>
  conduct(operation, body, toValue);

/** Runs an operation whose promise never rejects. */
export const runToSettled = (
  operation: OperationCore,
  body: Body<unknown>,
): Promise<SettledOperation<unknown>> => conduct(operation, body, toSettled);

/** Runs an operation whose promise has no reader: failures become a process warning. */
export const runUnattended = (operation: OperationCore, body: Body<unknown>): Promise<void> =>
  conduct(operation, body, warnOfFailures);

/** Takes an operation without a function to its end. Returns the report if it is there at once. */
export const closeOperation = (operation: OperationCore): OperationReport | PromiseLike<OperationReport> => {
  // Until the boundary, `fail` may still be called.
  if (!operation.isRejected) operation.fulfil(undefined, true);
  return new Lifecycle(operation, toReport).start();
};
