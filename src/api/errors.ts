import * as messages from './error-messages.js';
import type { FailedWork, Named } from './error-messages.js';
import type { OperationReport } from './report.js';

/**
 * The code of every error. Codes are stable and hold across two copies of the package in one process:
 * match on them, or with `instanceof`, rather than on messages. docs/errors.md lists when each is thrown.
 */
export type ErrorCode =
  | 'ERR_DEFERQUEUE_INVALID_ARGUMENT'
  | 'ERR_DEFERQUEUE_NO_OPERATION'
  | 'ERR_DEFERQUEUE_NO_TASK'
  | 'ERR_DEFERQUEUE_OPERATION_CLOSED'
  | 'ERR_DEFERQUEUE_DEFER_CHAIN'
  | 'ERR_DEFERQUEUE_QUEUE_FULL'
  | 'ERR_DEFERQUEUE_DRAIN_IN_PROGRESS'
  | 'ERR_DEFERQUEUE_DEFERRED_WORK'
  | 'ERR_DEFERQUEUE_WORK_TIMEOUT'
  | 'ERR_DEFERQUEUE_DRAIN_TIMEOUT'
  | 'ERR_DEFERQUEUE_DRAIN_ABORTED'
  | 'ERR_DEFERQUEUE_SHUTTING_DOWN'
  | 'ERR_DEFERQUEUE_CONTRACT_MISMATCH';

const brand = Symbol.for('deferqueue.error');

/** `NoTaskError` for `ERR_DEFERQUEUE_NO_TASK`. A minifier changes the name of a class, and not this one. */
const nameOf = (code: ErrorCode): string =>
  `${code.slice('ERR_DEFERQUEUE'.length).replaceAll(/_(.)([^_]*)/g, (_, first: string, rest: string) => first + rest.toLowerCase())}Error`;

/** Gives an error its name and brand, not enumerable as those of the platform's own errors. */
const stamp = (error: Error, code: ErrorCode): void => {
  Object.defineProperty(error, 'name', { value: nameOf(code), configurable: true, writable: true });
  Object.defineProperty(error, brand, { value: code });
};

/** Gives an error fields that are not printed with it. @internal */
export const addHidden = (error: Error, fields: object): void => {
  for (const [name, value] of Object.entries(fields)) Object.defineProperty(error, name, { value });
};

/**
 * Drops a stack that shows only a timer and the library. Until a stack is read, V8 keeps the functions on
 * it and what they close over; here that is a drain and its work, kept by the reason of a signal (G25).
 * @internal
 */
export const dropStack = (error: Error): void => {
  error.stack = String(error);
};

const isBranded = (value: unknown, code: ErrorCode | undefined): boolean => {
  const found = (value as { [brand]?: unknown } | null | undefined)?.[brand];
  return found !== undefined && (code === undefined || found === code);
};

/** The base class of every error of the library. `instanceof` holds for `DeferredWorkError` too. */
export abstract class DeferqueueError extends Error {
  /** The code that every error of this class has. */
  static readonly code: ErrorCode | undefined = undefined;
  /** Identifies the error, also in logs and across two copies of the package. It never changes. */
  abstract readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    stamp(this, code);
  }

  /** Makes `instanceof` hold for errors of another copy of the package (G26). */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A derived class has no code of its own and goes by its prototype as usual.
    if (!Object.hasOwn(this, 'code')) return Function.prototype[Symbol.hasInstance].call(this, value);
    return isBranded(value, this.code);
  }
}

/**
 * `defer`, `use`, `withTask` or `flush` was called where no operation is current (G3).
 * Code: `ERR_DEFERQUEUE_NO_OPERATION`.
 */
export class NoOperationError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_NO_OPERATION';
  readonly code = NoOperationError.code;

  constructor(what: string) {
    super(NoOperationError.code, messages.noOperation(what));
  }
}

/**
 * `until: 'task'` was used where no task is current, or for a task that has ended (G7).
 * Code: `ERR_DEFERQUEUE_NO_TASK`.
 */
export class NoTaskError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_NO_TASK';
  readonly code = NoTaskError.code;

  constructor(what: 'defer' | 'use', operation: Named, ended?: Named) {
    super(NoTaskError.code, messages.noTask(what, operation, ended));
  }
}

/**
 * The operation is sealed and accepts nothing more (G9). Usually a promise outlived it that was not awaited.
 * Code: `ERR_DEFERQUEUE_OPERATION_CLOSED`.
 */
export class OperationClosedError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_OPERATION_CLOSED';
  readonly code = OperationClosedError.code;

  constructor(what: string, operation: Named) {
    super(OperationClosedError.code, messages.operationClosed(what, operation));
  }
}

/**
 * Work items kept deferring work items, past the operation's `maxChain` (G8).
 * Code: `ERR_DEFERQUEUE_DEFER_CHAIN`.
 */
export class DeferChainError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_DEFER_CHAIN';
  readonly code = DeferChainError.code;
  /** The names of the chain's items, the first one first; `undefined` for items without a name. */
  readonly chain: readonly (string | undefined)[];

  constructor(operation: Named, maxChain: number, chain: readonly (string | undefined)[]) {
    super(DeferChainError.code, messages.deferChain(operation, maxChain, chain));
    this.chain = Object.freeze([...chain]);
  }
}

/**
 * As many work items are queued as the operation's `maxPending` allows (G24). They stay queued.
 * Code: `ERR_DEFERQUEUE_QUEUE_FULL`.
 */
export class QueueFullError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_QUEUE_FULL';
  readonly code = QueueFullError.code;
  /** The limit that was reached: how many work items are queued. */
  readonly maxPending: number;

  constructor(operation: Named, maxPending: number) {
    super(QueueFullError.code, messages.queueFull(operation, maxPending));
    this.maxPending = maxPending;
  }
}

/**
 * `flush` was called while its queue is being drained, or `close` from the operation's own deferred work:
 * it would wait for itself (G12). Code: `ERR_DEFERQUEUE_DRAIN_IN_PROGRESS`.
 */
export class DrainInProgressError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_DRAIN_IN_PROGRESS';
  readonly code = DrainInProgressError.code;

  constructor(what: 'flush' | 'close', operation: Named) {
    super(DrainInProgressError.code, messages.drainInProgress(what, operation));
  }
}

/**
 * The operation's function fulfilled and deferred work failed (G21): an `AggregateError` with every value
 * that was thrown, in the order of the failures. Code: `ERR_DEFERQUEUE_DEFERRED_WORK`.
 */
export class DeferredWorkError<T = unknown> extends AggregateError {
  /** The code that every error of this class has. */
  static readonly code = 'ERR_DEFERQUEUE_DEFERRED_WORK';
  /** Identifies the error, also in logs and across two copies of the package. It never changes. */
  readonly code = DeferredWorkError.code;
  /** What the operation's function fulfilled with. */
  declare readonly value: T;
  /** What became of every work item of the operation. */
  declare readonly report: OperationReport;

  constructor(failures: readonly FailedWork[], value: T, report: OperationReport) {
    super(
      failures.map((failure) => failure.error),
      messages.deferredWork(failures, report),
    );
    addHidden(this, { value, report });
    stamp(this, DeferredWorkError.code);
  }

  /** Makes `instanceof` hold for errors of another copy of the package (G26). */
  static override [Symbol.hasInstance](value: unknown): value is DeferredWorkError {
    return isBranded(value, this.code);
  }
}

/**
 * An operation was opened after `shutdown` was called (G23a). Signals of what still runs when the grace is
 * over abort with it as well. Code: `ERR_DEFERQUEUE_SHUTTING_DOWN`.
 */
export class ShuttingDownError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_SHUTTING_DOWN';
  readonly code = ShuttingDownError.code;

  constructor(grace?: number) {
    super(ShuttingDownError.code, messages.shuttingDown(grace));
    if (grace !== undefined) dropStack(this);
  }
}

/** A copy of the package that is loaded in this process. */
export interface PackageCopy {
  /** Its version, as in its package.json. */
  readonly version: string;
  /** Copies with the same number share the default runtime. */
  readonly contract: number;
  /** The module that it was loaded from. */
  readonly url: string;
}

/**
 * Two copies of the package in one process cannot share their default runtime, since their contracts
 * differ (G26). Importing the second one fails with it: each alone would lose the operations of the other.
 * Code: `ERR_DEFERQUEUE_CONTRACT_MISMATCH`.
 */
export class ContractMismatchError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_CONTRACT_MISMATCH';
  readonly code = ContractMismatchError.code;
  /** The copy that was loaded first. */
  readonly loaded: PackageCopy;
  /** The copy that was refused. */
  readonly refused: PackageCopy;

  constructor({ version, contract, url }: PackageCopy, refused: PackageCopy) {
    const loaded = Object.freeze({ version, contract, url });
    super(ContractMismatchError.code, messages.contractMismatch(loaded, refused));
    this.loaded = loaded;
    this.refused = Object.freeze(refused);
  }
}
