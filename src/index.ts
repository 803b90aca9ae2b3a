import { defaultRuntime } from './default-runtime.js';

export const {
  withOperation,
  settleOperation,
  openOperation,
  withTask,
  defer,
  use,
  flush,
  currentOperation,
  currentTask,
  shutdown,
} = defaultRuntime;

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
