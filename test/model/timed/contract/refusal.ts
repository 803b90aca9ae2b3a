import type { ModelOperation } from './entities.js';
import type { World } from './world.js';

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

/** A closed operation takes nothing. */
export function refuseClosed(world: World, operation: ModelOperation): void {
  if (operation.state !== 'closed') return;
  noteHandingOn(world, operation);
  throw new Refusal('OPERATION_CLOSED');
}

/** Whether an operation is closed already while it hands works to its root, is not said. */
export function noteHandingOn(world: World, operation: ModelOperation): void {
  if (world.promoting.includes(operation))
    world.undecided.add('what is asked of an operation while it hands works to the root');
}
