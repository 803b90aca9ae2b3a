import type { OperationReport, StuckWork } from './report.js';

/**
 * The code of every error, also across two copies of the package in one process. Codes are stable: match on
 * them, or with `instanceof`, rather than on messages. docs/errors.md tells when each is thrown.
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
  | 'ERR_DEFERQUEUE_SHUTTING_DOWN'
  | 'ERR_DEFERQUEUE_CONTRACT_MISMATCH';

/** What names an operation in a message: only these two are kept, never the operation itself. @hidden */
export interface Named {
  readonly id: number;
  readonly name: string | undefined;
  /** Whether it is an operation that was ended before its time. */
  readonly wasCut?: boolean;
}

const brand = Symbol.for('deferqueue.error');

/** @internal */
export const label = (kind: string, { id, name }: Named): string =>
  name === undefined ? `${kind} #${id}` : `${kind} "${name}" (#${id})`;

/** `instanceof` by brand and code, so that it holds for the errors of another copy of the package. */
const isBranded = (value: unknown, code: ErrorCode | undefined): boolean => {
  const found = (value as { [brand]?: unknown } | null | undefined)?.[brand];
  return found !== undefined && (code === undefined || found === code);
};

/** What every error of the library is an instance of, `DeferredWorkError` included. */
export abstract class DeferqueueError extends Error {
  /** The code that every error of this class has. */
  static readonly code: ErrorCode | undefined = undefined;
  /** Which error it is, also across two copies of the package and in logs. It never changes. */
  abstract readonly code: ErrorCode;

  /** What `instanceof` asks: it holds for errors of another copy of the package, too (G26). */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that somebody derives has no code of its own, and goes by its prototype as usual.
    if (!Object.hasOwn(this, 'code')) return Function.prototype[Symbol.hasInstance].call(this, value);
    return isBranded(value, this.code);
  }
}

/** Gives an error its fixed parts, as the platform's own errors have theirs: not enumerable. */
const stamp = (error: Error, name: string, code: ErrorCode): void => {
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(error, brand, { value: code });
};

/** Gives an error what is there for whoever asks, and is not printed with it: the message has what people look for. */
const keepAside = (error: Error, parts: object): void => {
  for (const [name, value] of Object.entries(parts)) Object.defineProperty(error, name, { value });
};

/**
 * `defer`, `use`, `withTask` or `flush` was called where no operation is current (G3).
 * Code: `ERR_DEFERQUEUE_NO_OPERATION`.
 */
export class NoOperationError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_NO_OPERATION';
  readonly code = NoOperationError.code;

  constructor(what: string) {
    super(
      `${what}() was called outside any operation. Call it inside withOperation(), or in a callback that was ` +
        'made elsewhere go through operation.run() or operation.bind()' +
        (what === 'defer' ? "; { outside: 'run' } runs the work at once instead" : ''),
    );
    stamp(this, 'NoOperationError', this.code);
  }
}

/**
 * `until: 'task'` was asked for where no task is current, or for a task that has ended (G7).
 * Code: `ERR_DEFERQUEUE_NO_TASK`.
 */
export class NoTaskError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_NO_TASK';
  readonly code = NoTaskError.code;

  constructor(operation: Named, ended?: Named) {
    super(
      ended
        ? `defer() with until: 'task' came after ${label('task', ended)} of ${label('operation', operation)} ` +
            "had ended. Defer it while the task's function runs, or until: 'operation'"
        : `defer() with until: 'task' was called outside any task of ${label('operation', operation)}. ` +
            "Call it inside withTask(), or use until: 'operation'",
    );
    stamp(this, 'NoTaskError', this.code);
  }
}

/**
 * The operation is sealed: it takes nothing any more (G9). Something outlived it, mostly a promise that
 * nobody awaited. Code: `ERR_DEFERQUEUE_OPERATION_CLOSED`.
 */
export class OperationClosedError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_OPERATION_CLOSED';
  readonly code = OperationClosedError.code;

  constructor(what: string, operation: Named) {
    super(
      `${what}() came too late: ${label('operation', operation)} ` +
        (operation.wasCut
          ? 'was cut short by its drainTimeout or by shutdown(). Stop when work.signal or operation.signal aborts'
          : 'has ended. Something outlived it: await that promise inside the operation, or start it with ' +
            'withTask() so that the operation waits for it'),
    );
    stamp(this, 'OperationClosedError', this.code);
  }
}

/**
 * Works kept deferring works, past the operation's `maxChain` (G8). Code: `ERR_DEFERQUEUE_DEFER_CHAIN`.
 */
export class DeferChainError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_DEFER_CHAIN';
  readonly code = DeferChainError.code;
  /** The names of the chain's works, the first one first; `undefined` for works without a name. */
  readonly chain: readonly (string | undefined)[];

  constructor(operation: Named, maxChain: number, chain: readonly (string | undefined)[]) {
    const names = chain.map((name) => name ?? '(unnamed)');
    const shown = names.length > 10 ? [...names.slice(0, 4), '…', ...names.slice(-5)] : names;
    super(
      `A work of ${label('operation', operation)} cannot be deferred by a chain of ${maxChain} works, each ` +
        `deferred by the one before: ${shown.join(' → ')}. Such a chain seldom ends by itself; if this one ` +
        'does, raise maxChain',
    );
    this.chain = Object.freeze([...chain]);
    stamp(this, 'DeferChainError', this.code);
  }
}

/**
 * As many works are queued as the operation's `maxPending` allows (G24); those stay queued.
 * Code: `ERR_DEFERQUEUE_QUEUE_FULL`.
 */
export class QueueFullError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_QUEUE_FULL';
  readonly code = QueueFullError.code;
  /** The limit that was reached: how many works are queued. */
  readonly maxPending: number;

  constructor(operation: Named, maxPending: number) {
    super(
      `${label('Operation', operation)} already has ${maxPending} works queued, its maxPending. ` +
        'Call flush() on the way, give repeated works a key, or raise maxPending',
    );
    this.maxPending = maxPending;
    stamp(this, 'QueueFullError', this.code);
  }
}

/**
 * `flush` was called while its queue is being drained, or `close` from a work of the operation: it would wait
 * for itself (G12). Code: `ERR_DEFERQUEUE_DRAIN_IN_PROGRESS`.
 */
export class DrainInProgressError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_DRAIN_IN_PROGRESS';
  readonly code = DrainInProgressError.code;

  constructor(what: 'flush' | 'close', operation: Named) {
    super(
      what === 'flush'
        ? `flush() was called while that queue of ${label('operation', operation)} is being drained. What is ` +
            'queued there runs anyway: there is nothing to flush'
        : `close() was called from a work of ${label('operation', operation)}, and would wait for itself. ` +
            'Close the operation where it was opened',
    );
    stamp(this, 'DrainInProgressError', this.code);
  }
}

/** The first five of many works as a message tells of them, each with the place where it was deferred, if that is known. */
const some = <W extends { readonly trace?: string | undefined }>(
  works: readonly W[],
  tell: (work: W) => string,
): string[] => {
  const told = works.slice(0, 5).map((work) => {
    const frame = /\S.*/.exec(work.trace ?? '');
    return tell(work) + (frame ? `\ndeferred ${frame[0]}` : '');
  });
  if (works.length > 5) told.push(`and ${works.length - 5} more`);
  return told;
};

/** A single line follows what is said before; where there are more, each has its own, and what belongs to one is below it. */
const listed = (told: readonly string[]): string => {
  const text = told.map((one) => `\n  ${one.replaceAll('\n', '\n    ')}`).join('');
  return text.lastIndexOf('\n') > 0 ? text : ` ${text.trim() || 'nothing'}`;
};

/** One failed work as an error message tells of it. @hidden */
export interface FailedWork {
  readonly label: string;
  readonly error: unknown;
  /** The stack of the call that registered it, if that was kept. */
  readonly trace: string | undefined;
}

/**
 * The operation's function fulfilled and works failed (G21): an `AggregateError` with every value that was
 * thrown, in the order in which the works failed. Code: `ERR_DEFERQUEUE_DEFERRED_WORK`.
 */
export class DeferredWorkError<T = unknown> extends AggregateError {
  /** The code that every error of this class has. */
  static readonly code = 'ERR_DEFERQUEUE_DEFERRED_WORK';
  /** Which error it is, also across two copies of the package and in logs. It never changes. */
  readonly code = DeferredWorkError.code;
  /** What the operation's function fulfilled with: it is not lost. */
  declare readonly value: T;
  /** What became of every work of the operation. */
  declare readonly report: OperationReport;

  constructor(failures: readonly FailedWork[], value: T, report: OperationReport) {
    const told = some(failures, (failure) => `${failure.label}: ${describe(failure.error)}`);
    super(
      failures.map((failure) => failure.error),
      `${failures.length} deferred ${failures.length === 1 ? 'work' : 'works'} failed in ` +
        `${label('operation', report)}:${listed(told)}`,
    );
    keepAside(this, { value, report });
    stamp(this, 'DeferredWorkError', this.code);
  }

  /** What `instanceof` asks: it holds for errors of another copy of the package, too (G26). */
  static override [Symbol.hasInstance](value: unknown): value is DeferredWorkError {
    return isBranded(value, this.code);
  }
}

/**
 * A work did not settle within its `timeout`, or before the `drainTimeout` of its operation was over (G23). It is the
 * failure of that work and the reason of its `work.signal`. Code: `ERR_DEFERQUEUE_WORK_TIMEOUT`.
 */
export class WorkTimeoutError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_WORK_TIMEOUT';
  readonly code = WorkTimeoutError.code;
  /** The limit that was over, in milliseconds. */
  readonly timeout: number;

  constructor(work: string, operation: Named, timeout: number, ofDrain = false) {
    const limit = ofDrain ? 'before the drainTimeout' : 'within its timeout';
    super(
      `Work ${work} of ${label('operation', operation)} did not settle ${limit} of ${timeout} ms` +
        `${ofDrain ? ' was over' : ''}. Give what it calls its work.signal, or raise the limit`,
    );
    this.timeout = timeout;
    stamp(this, 'WorkTimeoutError', this.code);
    bare(this);
  }
}

/** What an operation that was cut short had to wait for besides its works. @hidden */
interface Unsettled {
  readonly active: number;
  readonly discards: number;
  /** Disposers that were called afterwards and did not end in time. */
  readonly unfinished: readonly string[];
}

/**
 * The drain took longer than `drainTimeout`, or than the `grace` of `shutdown` (G23, G23a): running works were aborted,
 * queued ones abandoned, and the operation closed. Code: `ERR_DEFERQUEUE_DRAIN_TIMEOUT`.
 */
export class DrainTimeoutError<T = unknown> extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_DRAIN_TIMEOUT';
  readonly code = DrainTimeoutError.code;
  /** What was running, in the order in which it was entered, and for how long. */
  declare readonly stuck: readonly StuckWork[];
  /** Every value that a work, a discard or a disposer failed with, those of the stuck works among them. */
  readonly errors: readonly unknown[];
  /** What the operation's function fulfilled with: it is not lost. */
  declare readonly value: T;
  /** What became of every work of the operation: those that were stuck are `timed-out`, those still queued `abandoned`. */
  declare readonly report: OperationReport;

  constructor(
    limit: number,
    stuck: readonly StuckWork[],
    errors: readonly unknown[],
    value: T,
    report: OperationReport,
    shutdown?: ShuttingDownError,
    others?: Unsettled,
  ) {
    const told = some(stuck, ({ name, ranFor }) => {
      const since = ranFor === undefined ? '' : ` (for ${ranFor} ms)`;
      return (name === undefined ? '(unnamed work)' : JSON.stringify(name)) + since;
    });
    if (others?.active) told.push(`tasks, nested operations or the like: ${others.active}`);
    if (others?.discards) told.push(`discards: ${others.discards}`);
    if (others?.unfinished.length) told.push(...others.unfinished);
    const { abandoned, failed } = report.counts;
    super(
      (shutdown === undefined
        ? `The drain of ${label('operation', report)} did not end within its drainTimeout of ${limit} ms`
        : `${label('Operation', report)} had not ended when the grace of shutdown(), ${limit} ms, was over`) +
        `. Abandoned in the queue: ${abandoned}; ${failed ? `failed: ${failed}; ` : ''}still running:` +
        listed(told),
      shutdown && { cause: shutdown },
    );
    this.errors = Object.freeze([...errors]);
    keepAside(this, { value, report, stuck: Object.freeze([...stuck]) });
    stamp(this, 'DrainTimeoutError', this.code);
    bare(this);
  }
}

/**
 * An operation was opened after `shutdown` was called (G23a). It is also what the signals of that are aborted with
 * which still runs when the grace is over. Code: `ERR_DEFERQUEUE_SHUTTING_DOWN`.
 */
export class ShuttingDownError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_SHUTTING_DOWN';
  readonly code = ShuttingDownError.code;

  constructor(grace?: number) {
    super(
      grace === undefined
        ? 'shutdown() was called: this runtime takes no new operation'
        : `shutdown() was called, and its grace of ${grace} ms is over`,
    );
    stamp(this, 'ShuttingDownError', this.code);
    if (grace !== undefined) bare(this);
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
 * Two copies of the package were loaded in one process that cannot share their default runtime, since they differ in what its
 * functions promise (G26). Importing the second one fails with it: each by itself would lose the operations of the other.
 * Code: `ERR_DEFERQUEUE_CONTRACT_MISMATCH`.
 */
export class ContractMismatchError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_CONTRACT_MISMATCH';
  readonly code = ContractMismatchError.code;
  /** The copy that was there first. */
  readonly loaded: PackageCopy;
  /** The copy that was not loaded. */
  readonly refused: PackageCopy;

  constructor({ version, contract, url }: PackageCopy, refused: PackageCopy) {
    const loaded = Object.freeze({ version, contract, url });
    super(
      `Two copies of deferqueue are loaded that do not fit together: first ${tell(loaded)}, now ${tell(refused)}. ` +
        'Bring their dependents to one major version; `npm ls deferqueue` tells who asks for which',
    );
    this.loaded = loaded;
    this.refused = Object.freeze(refused);
    stamp(this, 'ContractMismatchError', this.code);
  }
}

const tell = ({ version, contract, url }: PackageCopy): string =>
  `version ${version} (contract ${contract}) from ${url}`;

/**
 * Takes the stack of an error away, on which there is only a timer and the library. V8 would also keep the functions on it, and what
 * they close over, for as long as nobody reads it: here, a drain and its works, by an error that a signal may keep for long (G25).
 */
const bare = (error: Error): void => {
  error.stack = String(error);
};

/** A thrown value, whatever it is. */
const describe = (value: unknown): string => {
  try {
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  } catch {
    // Whatever was thrown, telling of it must not fail.
    return typeof value;
  }
};
