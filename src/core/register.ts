import { AsyncResource } from 'node:async_hooks';
import { heard, publish, workRegister } from '../diagnostics/channels.js';
import { place } from './coalescing.js';
import { DeferChainError, NoTaskError, OperationClosedError, QueueFullError } from './errors.js';
import { invalidType, invalidUse } from './invalid-argument.js';
import type { OperationCore, Scope } from './operation.js';
import { newResource, RESOURCE_OPTIONS } from './new-resource.js';
import { requireFunction, workDetails } from './settings.js';
import { TaskCore } from './task.js';
import { traceOf } from './trace.js';
import type { WorkQueue } from './work-queue.js';
import { WorkEntry } from './work.js';
import type { Run, WorkDetails } from './work.js';

type OwnTask = TaskCore<OperationCore>;

/** Each work has a resource of its own: a storage that is run or changed inside a work leaves its mark on that one. */
const RESOURCE = 'deferqueue.work';

const registered = (work: WorkEntry): void => {
  if (heard(workRegister)) publish(workRegister, { work, trace: work.details?.trace });
};

/** Checks the arguments of `defer`, before anything else is looked at (G4). @internal */
export const readDefer = (run: unknown, options: unknown): WorkDetails | undefined => {
  requireFunction(run, 'run');
  const details = workDetails(options);
  const task: unknown = details?.task;
  if (task !== undefined && task !== null && !(task instanceof TaskCore)) {
    throw invalidType('options.task', 'a task of this operation, or null', task);
  }
  return details;
};

/**
 * Registers a work with an operation, or throws and leaves everything as it was. `from` is what the carrier
 * carries at the call, `current` the task that the work belongs to unless its options say otherwise, and `above` the function that
 * users called.
 *
 * It is long on purpose: V8 makes a function of up to 460 bytecodes part of a loop that calls it, where no room is left for the constructor of
 * the resource, and to call that takes about as long as all the rest. What most works take comes last, since a function is
 * known to be hot by how far it was run.
 * @internal
 */
export const register = (
  operation: OperationCore,
  current: OwnTask | undefined,
  from: Scope | undefined,
  action: Run,
  details: WorkDetails | undefined,
  above: unknown,
): WorkEntry => {
  const unquestioned =
    details === undefined && from === operation
      ? (operation.unquestioned ?? operation.foundUnquestioned)
      : undefined;
  if (unquestioned === undefined) {
    const task = details?.task === undefined ? current : chosenTask(operation, details);
    // Getters in the data are the caller's code: they run before the state of the operation is looked at.
    if (details !== undefined) copyData(details);
    if (operation.state === 'closed') throw new OperationClosedError('defer', operation);
    const queue = chooseQueue(operation, task, details);
    const parent = chainOf(operation, from);

    // Work bound to another task runs in the context of that task, any other in that of this call (G13).
    const bound =
      task !== undefined && task !== current && task !== from?.task ? operation.contextOf(task) : undefined;
    const resource =
      bound === undefined ? newResource(RESOURCE) : bound.runInAsyncScope(newResource, undefined, RESOURCE);
    const work = new WorkEntry(queue, action, resource, details);
    if (bound === undefined && (from as object | undefined) !== queue.scope)
      work.needDetails().reenter = true;
    if (parent !== undefined) work.needDetails().parent = parent;
    if (queue.kind === 'root') {
      const own = work.needDetails();
      own.origin = operation;
      own.reenter = true;
    }

    if (operation.settings.trace) work.needDetails().trace = traceOf(above);

    const { account } = operation;
    if (details?.signal?.aborted) {
      details.reason = { thrown: details.signal.reason };
      operation.registered++;
      registered(work);
      void account.drop(work, 'cancelled');
      return work;
    }
    const { maxPending } = operation.settings;
    if (operation.pending >= maxPending && queue.twinOf(work) === undefined) {
      throw new QueueFullError(operation, maxPending);
    }
    place(work, queue, account, registered);
    operation.registered++;
    operation.boundary.queued(queue);
    return work;
  }

  // From the operation's own code, without options: the same, with all the questions left out whose answers are known.
  const resource = new AsyncResource(RESOURCE, RESOURCE_OPTIONS);
  const work = new WorkEntry(unquestioned.home!, action, resource, undefined);
  unquestioned.append(work);
  operation.pending++;
  operation.registered++;
  if (heard(workRegister)) registered(work);
  return work;
};

const chosenTask = (operation: OperationCore, details: WorkDetails): OwnTask | undefined => {
  if (details.task === null) return undefined;
  const task = details.task as OwnTask;
  if (task.operation === operation) return task;
  throw invalidUse(
    '`options.task` belongs to another operation: a work can be bound to tasks of its own one only',
  );
};

const chooseQueue = (
  operation: OperationCore,
  task: OwnTask | undefined,
  details: WorkDetails | undefined,
): WorkQueue => {
  if (details === undefined) return task === undefined ? operation.boundary.own : task.queue;
  const { until } = details;
  if (until === 'task') {
    if (task === undefined || task.state === 'closed') throw new NoTaskError(operation, task);
    return task.endQueue;
  }
  // In the root itself, its own boundary is the outermost one.
  if (until === 'root' && operation.enclosing !== undefined) return operation.boundary.forRoot;
  return task === undefined ? operation.boundary.own : task.queue;
};

/** The link of the chain that a new work would be deferred by; throws where that chain is full (G8). */
const chainOf = (operation: OperationCore, from: Scope | undefined): Scope['frame'] => {
  const { maxChain } = operation.settings;
  if (maxChain === Infinity) return undefined;
  const link = operation.linkOf(from);
  if (link !== undefined && link.depth >= maxChain) {
    throw new DeferChainError(operation, maxChain, link.names());
  }
  return link;
};

/** Primitives copy themselves. A function or a symbol is what `structuredClone` throws for (G4, G5). */
const copyData = (details: WorkDetails): void => {
  const { data } = details;
  if (typeof data === 'object' ? data !== null : typeof data === 'function' || typeof data === 'symbol') {
    details.data = structuredClone(data);
  }
};
