import { coalesce, mayBecomeTwins, twinOf } from './coalescing.js';
import { drop } from './ends.js';
import { ModelWork, type ModelOperation, type ModelTask, type Registration } from './entities.js';
import { Refusal, refuseClosed } from './refusal.js';
import type { TimedSignal } from './timed-signal.js';
import type { World } from './world.js';

/** Where code finds itself: what an `AsyncLocalStorage` transports. */
export interface Place {
  readonly operation: ModelOperation | undefined;
  readonly task: ModelTask | undefined;
  readonly token: string;
}

export interface Request extends Omit<Registration, 'operation' | 'task' | 'until' | 'isOfRoot'> {
  readonly until: 'task' | 'operation' | 'root' | undefined;
  /** Another task, or the operation itself; `undefined` for what is current. */
  readonly task: ModelTask | null | undefined;
  readonly data: number;
  readonly signal: TimedSignal | undefined;
}

/** `defer` in the current operation, or in `own`: to that one's own queue, in the caller's context. */
export function defer(
  world: World,
  place: Place,
  own: ModelOperation | undefined,
  request: Request,
): ModelWork {
  const operation = own ?? place.operation;
  const ambient = own === undefined ? place.task : undefined;
  if (request.until === 'task' && request.task === null) throw new Refusal('INVALID_ARGUMENT');
  if (operation !== undefined && request.task && request.task.operation !== operation)
    throw new Refusal('INVALID_ARGUMENT');
  if (operation === undefined) throw new Refusal('NO_OPERATION');
  refuseClosed(world, operation);
  const task = request.task === null ? undefined : (request.task ?? ambient);
  // In the root itself, until the root is until the operation.
  const until =
    request.until === 'root' && operation.parent === undefined ? 'operation' : (request.until ?? 'operation');
  if (until === 'task' && (task === undefined || task.state === 'closed')) throw new Refusal('NO_TASK');
  const isBound = task !== undefined && task !== ambient;
  const registration: Registration = {
    ...request,
    operation,
    task: until === 'root' ? undefined : task,
    until,
    isOfRoot: request.until === 'root' && until === 'operation',
    token: isBound ? task.token : request.token,
  };
  const work = new ModelWork(registration, request.data);
  admit(world, work, request.signal);
  world.works.push(work);
  return work;
}

function admit(world: World, work: ModelWork, signal: TimedSignal | undefined): void {
  const { operation, queue, registration } = work;
  if (signal?.aborted === true) {
    operation.registered += 1;
    return drop(world, work, 'cancelled', signal.reason);
  }
  const queued = registration.until === 'root' ? operation.untilRoot : queue.works;
  if (
    queued.some((other) => other.operation !== other.registration.operation && mayBecomeTwins(work, other))
  ) {
    world.undecided.add('when promoted works become one');
  }
  const twin = twinOf(work, queued);
  if (twin === undefined && operation.isFull) throw new Refusal('QUEUE_FULL');
  operation.registered += 1;
  if (twin === undefined) queued.push(work);
  else if (registration.until === 'root') {
    const untilRoot = { works: queued };
    coalesce(world, work, twin, untilRoot);
    operation.untilRoot = untilRoot.works;
  } else coalesce(world, work, twin, queue);
}

/** Whether the work was still queued: then it is cancelled. */
export function cancel(world: World, work: ModelWork, reason?: unknown): boolean {
  if (work.state !== 'queued') return false;
  work.queue.remove(work);
  work.operation.untilRoot = work.operation.untilRoot.filter((each) => each !== work);
  drop(world, work, 'cancelled', reason);
  return true;
}
