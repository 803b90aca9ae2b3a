import type { OperationReport } from 'deferqueue';

/** An error as the contract describes it: by its name and its code. */
export class ContractError extends Error {
  readonly code: string;

  constructor(name: string, code: string) {
    super(name);
    this.name = name;
    this.code = `ERR_DEFERQUEUE_${code}`;
  }
}

export const invalidArgument = (): Error => new ContractError('TypeError', 'INVALID_ARGUMENT');
export const noOperation = (): Error => new ContractError('NoOperationError', 'NO_OPERATION');
export const noTask = (): Error => new ContractError('NoTaskError', 'NO_TASK');
export const operationClosed = (): Error => new ContractError('OperationClosedError', 'OPERATION_CLOSED');
export const deferChain = (): Error => new ContractError('DeferChainError', 'DEFER_CHAIN');
export const queueFull = (): Error => new ContractError('QueueFullError', 'QUEUE_FULL');
export const drainInProgress = (): Error => new ContractError('DrainInProgressError', 'DRAIN_IN_PROGRESS');

/** G21: all failures of an operation whose function fulfilled, with its value and its report. */
export class WorkFailures extends ContractError {
  readonly errors: readonly unknown[];
  readonly value: unknown;
  readonly report: OperationReport;

  constructor(errors: readonly unknown[], value: unknown, report: OperationReport) {
    super('DeferredWorkError', 'DEFERRED_WORK');
    this.errors = errors;
    this.value = value;
    this.report = report;
  }
}
