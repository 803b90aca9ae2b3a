type Refused =
  | 'INVALID_ARGUMENT'
  | 'NO_OPERATION'
  | 'NO_TASK'
  | 'OPERATION_CLOSED'
  | 'QUEUE_FULL'
  | 'DRAIN_IN_PROGRESS'
  | 'SHUTTING_DOWN';

/** What a call throws, or rejects with, and then has changed nothing. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: Refused) {
    super(code);
    this.code = `ERR_DEFERQUEUE_${code}`;
  }
}
