import type { Runtime } from './core/surface.js';
import { defaultRuntime } from './default-runtime.js';

// One by one, and by the types that `Runtime` declares: so the doc comments that stand there reach the types of the package,
// editors and the reference.

/** Runs a function as an operation, and settles after its boundary. @function */
export const withOperation: Runtime['withOperation'] = defaultRuntime.withOperation;
/** Runs a function as an operation, and tells how it went: it never rejects because of it. @function */
export const settleOperation: Runtime['settleOperation'] = defaultRuntime.settleOperation;
/** Opens an operation whose boundary is not a function's end. @function */
export const openOperation: Runtime['openOperation'] = defaultRuntime.openOperation;
/** Runs a function as a task of the current operation. @function */
export const withTask: Runtime['withTask'] = defaultRuntime.withTask;
/** Registers work for the boundary of the current operation. @function */
export const defer: Runtime['defer'] = defaultRuntime.defer;
/** Keeps a resource until the end of the current operation's drain. @function */
export const use: Runtime['use'] = defaultRuntime.use;
/** Runs what is queued before the boundary. @function */
export const flush: Runtime['flush'] = defaultRuntime.flush;
/** The operation that the caller is in. @function */
export const currentOperation: Runtime['currentOperation'] = defaultRuntime.currentOperation;
/** The task that the caller is in. @function */
export const currentTask: Runtime['currentTask'] = defaultRuntime.currentTask;
/** Takes no new operation, and waits for the live ones. @function */
export const shutdown: Runtime['shutdown'] = defaultRuntime.shutdown;
/** Puts something around the functions of operations and works. @function */
export const intercept: Runtime['intercept'] = defaultRuntime.intercept;

export { createRuntime } from './runtime.js';
export type { RuntimeOptions } from './runtime.js';
export type { ContextCarrier } from './core/carrier.js';
export {
  ContractMismatchError,
  DeferChainError,
  DeferqueueError,
  DeferredWorkError,
  DrainInProgressError,
  DrainTimeoutError,
  NoOperationError,
  NoTaskError,
  OperationClosedError,
  QueueFullError,
  ShuttingDownError,
  WorkTimeoutError,
} from './core/errors.js';
export type { ErrorCode, PackageCopy } from './core/errors.js';
export type { Outcome } from './core/outcome.js';
export type {
  BoundaryMessage,
  ChannelMessages,
  ChannelName,
  CloseMessage,
  EndMessage,
  ObservedWork,
  OperationMessage,
  RegisterMessage,
  TaskCloseMessage,
  TaskMessage,
  WorkMessage,
} from './diagnostics/channels.js';
export type {
  AbandonedWork,
  EndCounts,
  EndState,
  OperationReport,
  ShutdownReport,
  StuckOperation,
  StuckWork,
  WorkReport,
} from './core/report.js';
export type {
  Deferred,
  DeferOptions,
  DiscardReason,
  Interceptor,
  JobQueue,
  OpenOperation,
  Operation,
  OperationOptions,
  OperationState,
  Runtime,
  SettledOperation,
  Task,
  TaskOptions,
  Work,
  WorkState,
} from './core/surface.js';
