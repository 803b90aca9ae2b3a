import { DeferChainError, NoTaskError, OperationClosedError, QueueFullError } from '../api/errors.js';
import { invalidType, invalidUse } from '../api/invalid-argument.js';
import { readDeferOptions } from '../api/settings.js';
import { requireFunction } from '../api/validate.js';
import { hasSubscribers, publish, workRegister } from '../observability/channels.js';
import { place } from './coalesce.js';
import { captureContext, traceOf } from './context.js';
import type { OperationCore } from './operation.js';
import type { WorkQueue } from './queue.js';
import { callingWork, type Scope, type WorkScope } from './scope.js';
import { TaskCore } from './task.js';
import { WorkItem, WorkOptions, type Run } from './work.js';

const RESOURCE = 'deferqueue.work';

/** `defer` to this operation's own queue, whichever operation is current. */
export const deferTo = (
  operation: OperationCore,
  run: unknown,
  options: unknown,
  stackTop: unknown,
): WorkItem =>
  register(operation, undefined, operation.runtime.scope(), run as Run, readDefer(run, options), stackTop);

/** Checks the arguments of `defer`, before anything else is looked at (G4). */
export const readDefer = (run: unknown, options: unknown): WorkOptions | undefined => {
  requireFunction(run, 'run');
  if (options === undefined) return undefined;
  const read = readDeferOptions(options, new WorkOptions());
  if (read.task !== undefined && read.task !== null && !(read.task instanceof TaskCore)) {
    throw invalidType('options.task', 'a task of this operation, or null', read.task);
  }
  return read;
};

/**
 * Registers an item with an operation, or throws and leaves everything as it was. `from` is the scope of the call,
 * `current` the task that the item belongs to unless its options say otherwise, and `stackTop` the function
 * that the user called.
 */
export const register = (
  operation: OperationCore,
  current: TaskCore | undefined,
  from: Scope | undefined,
  run: Run,
  options: WorkOptions | undefined,
  stackTop: unknown,
): WorkItem => {
  const task = options?.task === undefined ? current : taskOf(operation, options.task as TaskCore | null);
  // Getters in the data are the caller's code. They run before the state of the operation is looked at.
  if (options !== undefined) copyData(options);
  if (operation.state === 'closed') throw new OperationClosedError('defer', operation);
  const queue = queueFor(operation, task, options);
  const parent = chainParent(operation, from);

  // Work bound to another task runs in the context of that task, any other in that of this call (G13).
  const bound =
    task === current || task === undefined || task === from?.task
      ? undefined
      : operation.taskContexts.get(task);
  const resource =
    bound === undefined
      ? captureContext(RESOURCE)
      : bound.runInAsyncScope(captureContext, undefined, RESOURCE);
  const item = new WorkItem(queue, run, resource, options);
  const entersScope =
    queue.kind === 'root' || (bound === undefined && from !== queue.owner && !operation.isScoped);
  if (entersScope || parent !== undefined || operation.settings.trace) {
    const details = item.ensureOptions();
    details.entersScope = entersScope;
    details.parent = parent;
    if (queue.kind === 'root') details.origin = operation;
    if (operation.settings.trace) details.trace = traceOf(stackTop);
  }
  enqueue(operation, item);
  return item;
};

const enqueue = (operation: OperationCore, item: WorkItem): void => {
  const { options, queue } = item;
  if (options !== undefined && options.signal?.aborted) {
    options.reason = { value: options.signal.reason };
    registered(item);
    void operation.ledger.drop(item, 'cancelled');
    return;
  }
  const { maxPending } = operation.settings;
  if (operation.pending >= maxPending && queue.twinOf(item) === undefined) {
    throw new QueueFullError(operation, maxPending);
  }
  place(item, registered);
  operation.queued(queue);
};

const registered = (item: WorkItem): void => {
  item.queue.owner.operation.ledger.registered++;
  if (hasSubscribers(workRegister)) publish(workRegister, { work: item, trace: item.options?.trace });
};

const taskOf = (operation: OperationCore, task: TaskCore | null): TaskCore | undefined => {
  if (task === null) return undefined;
  if (task.operation === operation) return task;
  throw invalidUse(
    '`options.task` belongs to another operation: work can be bound only to tasks of its own operation',
  );
};

const queueFor = (
  operation: OperationCore,
  task: TaskCore | undefined,
  options: WorkOptions | undefined,
): WorkQueue => {
  if (options?.until === 'task') {
    if (task === undefined || task.state === 'closed') throw new NoTaskError(operation, task);
    return task.endQueue;
  }
  // In the root itself, its own boundary is the outermost one.
  if (options?.until === 'root' && operation.enclosing !== undefined) return operation.order.forRoot;
  return task === undefined ? operation.order.own : task.queue;
};

/** Returns the chain's link that a new item would be deferred by. Throws where that chain is full (G8). */
const chainParent = (operation: OperationCore, from: Scope | undefined): WorkScope | undefined => {
  const { maxChain } = operation.settings;
  if (maxChain === Infinity) return undefined;
  const parent = callingWork(operation, from);
  if (parent === undefined || parent.depth < maxChain) return parent;
  throw new DeferChainError(operation, maxChain, parent.chain());
};

/** Replaces the data by a clone. Primitives need none; `structuredClone` throws for functions and symbols (G4, G5). */
const copyData = (options: WorkOptions): void => {
  const { data } = options;
  if (typeof data === 'object' ? data !== null : typeof data === 'function' || typeof data === 'symbol') {
    options.data = structuredClone(data);
  }
};
