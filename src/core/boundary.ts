import { heard, operationBoundary, publish } from '../diagnostics/channels.js';
import { cutShort } from './cut-short.js';
import { Deadline } from './deadline.js';
import { DeferredWorkError } from './errors.js';
import type { DrainTimeoutError } from './errors.js';
import type { DrainEnd } from './drain.js';
import { warn } from './failures.js';
import type { OperationCore } from './operation.js';
import { fulfilled, rejected } from './outcome.js';
import type { OperationReport } from './report.js';
import type { SettledOperation } from './surface.js';
import { pendingOf, whenSettled } from './thenable.js';

/** @internal */
export type Body<T> = (operation: OperationCore) => T | PromiseLike<T>;

type Deliver<R> = (operation: OperationCore, value: unknown) => R;

/**
 * The life of an operation: its function, what it waits for, the drain, the seal. It is no async function, since every `await` takes
 * time, and most operations have nothing to wait for but their function and their works: the promise that is returned
 * follows that of the function, and waits for this object only where works take longer.
 */
class Course<R> implements DrainEnd {
  readonly #operation: OperationCore;
  readonly #deliver: Deliver<R>;
  #value: unknown;
  #deadline: Deadline | undefined;
  /** Whether all that the operation does is done, and only who waits for it has to be told. */
  #isOver = false;
  #breakage: { readonly error: unknown } | undefined;
  #resolve: ((value: R) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(operation: OperationCore, deliver: Deliver<R>, value: unknown) {
    this.#operation = operation;
    this.#deliver = deliver;
    this.#value = value;
  }

  /** What the operation settles with, once its function has; something to follow where that takes longer. */
  end(): R | PromiseLike<R> {
    if (this.#advance()) return this.#tell();
    return this as unknown as PromiseLike<R>;
  }

  /** Nothing is left in the queues. */
  drained(): void {
    if (this.#advance(true)) this.#over();
  }

  broken(error: unknown): void {
    this.#breakage = { error };
    this.#deadline?.clear();
    if (this.#operation.cut === undefined) this.#operation.seal();
    this.#over();
  }

  /** For the promise of the operation, which follows this where it has to wait: a promise for it would be one more that has to settle. */
  // oxlint-disable-next-line unicorn/no-thenable -- nobody but that promise gets hold of it
  then(resolve: (value: R) => void, reject: (reason: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    if (this.#isOver) this.#settle();
  }

  /** There may be nothing left to wait for. */
  #look(): void {
    if (this.#advance()) this.#over();
  }

  #over(): void {
    this.#isOver = true;
    if (this.#resolve !== undefined) this.#settle();
  }

  #settle(): void {
    try {
      this.#resolve?.(this.#tell());
    } catch (error) {
      this.#reject?.(error);
    }
  }

  /** Goes as far as it can without waiting. Returns whether it has come to the end. */
  #advance(drained = false): boolean {
    const operation = this.#operation;
    try {
      if (operation.cut === undefined && operation.state === 'open') {
        if (operation.active > 0) {
          void operation.bell.rung().then(() => this.#look());
          return false;
        }
        operation.state = 'draining';
        operation.unquestioned = undefined;
        if (heard(operationBoundary)) {
          publish(operationBoundary, { operation, outcome: operation.outcome! });
        }
        this.#deadline = startDeadline(operation);
      }
      // Until there is nothing to wait for: between that and the seal nothing can come in between (G9).
      if (!drained && !operation.drain(this)) return false;
      while (operation.promote()) if (!operation.drain(this)) return false;
    } catch (error) {
      this.broken(error);
      return false;
    }
    this.#deadline?.clear();
    if (operation.cut === undefined) {
      operation.seal();
      return true;
    }
    void operation.cut.over.then(() => this.#over());
    return false;
  }

  /** Tells who waits for the operation, and then lets go of everything. */
  #tell(): R {
    const operation = this.#operation;
    operation.depart();
    try {
      if (this.#breakage !== undefined) throw this.#breakage.error;
      return this.#deliver(operation, this.#value);
    } finally {
      operation.forget();
      this.#value = undefined;
    }
  }
}

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
  const error = new DeferredWorkError(operation.account.failures.list, value, operation.report());
  // What of the stack is the library's tells nobody anything; what is left, if all went at once, is the caller's.
  Error.captureStackTrace(error, operation.engine.withOperation);
  return error;
};

/** Says what nobody else has heard: one warning for each operation. */
const warnUnheard = (operation: OperationCore, value?: unknown): void => {
  // Every single failure has been heard; that an operation was cut short is more than its failures.
  const { untouched } = operation;
  if (untouched || (operation.account.failed && operation.account.failures.heard)) return;
  const error = failureOf(operation, value);
  if (error !== undefined) warn(error.message, error.code, error);
};

/** G21: the function's own reason, else the failures of works, else the value. */
const deliverValue = (operation: OperationCore, value: unknown): unknown => {
  if (!operation.rejected && operation.settings.workErrors === 'throw') {
    const error = failureOf(operation, value);
    if (error !== undefined) throw error;
    return value;
  }
  warnUnheard(operation, value);
  if (operation.rejected) throw operation.reason;
  return value;
};

const deliverAll = (operation: OperationCore, value: unknown): SettledOperation<unknown> => ({
  outcome: operation.rejected ? rejected(operation.reason) : fulfilled(value),
  report: operation.report(),
});

/** After `fail` the reason is no news to who closes the operation. */
const deliverReport = (operation: OperationCore): OperationReport => {
  if (!operation.rejected && operation.settings.workErrors === 'throw') {
    const error = failureOf(operation, undefined);
    if (error !== undefined) throw error;
  } else {
    warnUnheard(operation);
  }
  return operation.report();
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
