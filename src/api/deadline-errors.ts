import * as messages from './error-messages.js';
import type { Named, Unsettled } from './error-messages.js';
import { addHidden, DeferqueueError, dropStack, type ErrorCode, type ShuttingDownError } from './errors.js';
import type { OperationReport, StuckWork } from './report.js';

/**
 * A work item did not settle within its `timeout`, or before the `drainTimeout` of its operation (G23). It
 * is the failure of that item and the reason of its `work.signal`. Code: `ERR_DEFERQUEUE_WORK_TIMEOUT`.
 */
export class WorkTimeoutError extends DeferqueueError {
  static override readonly code = 'ERR_DEFERQUEUE_WORK_TIMEOUT';
  readonly code = WorkTimeoutError.code;
  /** The limit that was over, in milliseconds. */
  readonly timeout: number;

  constructor(work: string, operation: Named, timeout: number, ofDrain = false) {
    super(WorkTimeoutError.code, messages.workTimeout(work, operation, timeout, ofDrain));
    this.timeout = timeout;
    dropStack(this);
  }
}

/** What the errors of a drain that was ended have in common. */
interface EndedDrain<T> {
  /** What was running, in the order in which it started. */
  readonly stuck: readonly StuckWork[];
  /** Every value that work, a discard or a disposer failed with. */
  readonly errors: readonly unknown[];
  /** What the operation's function fulfilled with. */
  readonly value: T;
  /** What became of every work item. */
  readonly report: OperationReport;
}

/** The drain of an operation was ended: running work was aborted, queued work abandoned. @hidden */
abstract class DrainEndedError<T> extends DeferqueueError {
  /** What was running, in the order in which it started, and for how long. */
  declare readonly stuck: readonly StuckWork[];
  /** Every value that work, a discard or a disposer failed with, including those of the stuck items. */
  readonly errors: readonly unknown[];
  /** What the operation's function fulfilled with. */
  declare readonly value: T;
  /** What became of every work item: those that were stuck are `timed-out`, those still queued `abandoned`. */
  declare readonly report: OperationReport;

  constructor(code: ErrorCode, message: string, parts: EndedDrain<T>, options?: ErrorOptions) {
    super(code, message, options);
    const { stuck, errors, value, report } = parts;
    this.errors = Object.freeze([...errors]);
    addHidden(this, { value, report, stuck: Object.freeze([...stuck]) });
    dropStack(this);
  }
}

/**
 * The drain took longer than `drainTimeout`, or than the `grace` of `shutdown` (G23, G23a): running work was
 * aborted, queued work abandoned, and the operation closed. Code: `ERR_DEFERQUEUE_DRAIN_TIMEOUT`.
 */
export class DrainTimeoutError<T = unknown> extends DrainEndedError<T> {
  static override readonly code = 'ERR_DEFERQUEUE_DRAIN_TIMEOUT';
  readonly code = DrainTimeoutError.code;

  constructor(
    limit: number,
    stuck: readonly StuckWork[],
    errors: readonly unknown[],
    value: T,
    report: OperationReport,
    shutdown?: ShuttingDownError,
    unsettled?: Unsettled,
  ) {
    const message = messages.drainTimeout(limit, stuck, report, shutdown !== undefined, unsettled);
    super(DrainTimeoutError.code, message, { stuck, errors, value, report }, shutdown && { cause: shutdown });
  }
}

/**
 * The `drainSignal` aborted (G23): running work was aborted, queued work abandoned, and the operation closed.
 * `cause` is the reason of the signal. Code: `ERR_DEFERQUEUE_DRAIN_ABORTED`.
 */
export class DrainAbortedError<T = unknown> extends DrainEndedError<T> {
  static override readonly code = 'ERR_DEFERQUEUE_DRAIN_ABORTED';
  readonly code = DrainAbortedError.code;

  constructor(
    cause: unknown,
    stuck: readonly StuckWork[],
    errors: readonly unknown[],
    value: T,
    report: OperationReport,
    unsettled?: Unsettled,
  ) {
    const message = messages.drainAborted(stuck, report, unsettled);
    super(DrainAbortedError.code, message, { stuck, errors, value, report }, { cause });
  }
}
