import type { Runtime } from './api/runtime.js';
import { defaultRuntime } from './default-runtime.js';

// Exported one by one with the types of `Runtime`, so that editors and the reference show its doc comments.

/** Runs a function as an operation, and settles after its boundary. @function */
export const withOperation: Runtime['withOperation'] = defaultRuntime.withOperation;
/** Runs a function as an operation and resolves with its outcome and report, also after failures. @function */
export const settleOperation: Runtime['settleOperation'] = defaultRuntime.settleOperation;
/** Opens an operation whose boundary is not the end of a function. @function */
export const openOperation: Runtime['openOperation'] = defaultRuntime.openOperation;
/** Runs a function as a task of the current operation. @function */
export const withTask: Runtime['withTask'] = defaultRuntime.withTask;
/** Registers deferred work for the boundary of the current operation. @function */
export const defer: Runtime['defer'] = defaultRuntime.defer;
/** Keeps a resource until the end of the current operation's drain, and disposes it there. @function */
export const use: Runtime['use'] = defaultRuntime.use;
/** Runs queued work before the boundary. @function */
export const flush: Runtime['flush'] = defaultRuntime.flush;
/** Calls a function outside any operation. @function */
export const runOutside: Runtime['runOutside'] = defaultRuntime.runOutside;
/** Sets defaults for operations that are opened from here on. @function */
export const configure: Runtime['configure'] = defaultRuntime.configure;
/** Returns the current operation of the caller. @function */
export const currentOperation: Runtime['currentOperation'] = defaultRuntime.currentOperation;
/** Returns the current task of the caller. @function */
export const currentTask: Runtime['currentTask'] = defaultRuntime.currentTask;
/** Refuses new operations and waits for the live ones. @function */
export const shutdown: Runtime['shutdown'] = defaultRuntime.shutdown;
/** Wraps the functions of operations and deferred work. @function */
export const intercept: Runtime['intercept'] = defaultRuntime.intercept;

export { createRuntime } from './create-runtime.js';
export type { RuntimeOptions } from './create-runtime.js';
export type { ContextCarrier } from './api/carrier.js';
export { DrainAbortedError, DrainTimeoutError, WorkTimeoutError } from './api/deadline-errors.js';
export {
  ContractMismatchError,
  DeferChainError,
  DeferqueueError,
  DeferredWorkError,
  DrainInProgressError,
  NoOperationError,
  NoTaskError,
  OperationClosedError,
  QueueFullError,
  ShuttingDownError,
} from './api/errors.js';
export type { ErrorCode, PackageCopy } from './api/errors.js';
export type { Outcome } from './api/outcome.js';
export type {
  BoundaryMessage,
  ChannelMessages,
  ChannelName,
  CloseMessage,
  EndMessage,
  ObservedWork,
  OperationMessage,
  RefusedMessage,
  RegisterMessage,
  TaskCloseMessage,
  TaskMessage,
  WorkMessage,
} from './observability/channels.js';
export type {
  AbandonedWork,
  EndCounts,
  EndState,
  OperationReport,
  ShutdownReport,
  StuckOperation,
  StuckWork,
  WorkReport,
} from './api/report.js';
export type {
  DeferOptions,
  JobQueue,
  OperationOptions,
  ShutdownOptions,
  TaskOptions,
  UseOptions,
} from './api/options.js';
export type { Copyable } from './api/data.js';
export type { Runtime } from './api/runtime.js';
export type {
  Deferred,
  DiscardReason,
  Interceptor,
  OpenOperation,
  Operation,
  OperationState,
  SettledOperation,
  Task,
  Work,
  WorkState,
} from './api/types.js';
