import { DeferChainError, NoTaskError, QueueFullError } from '../api/errors.js';
import { invalidType, invalidUse } from '../api/invalid-argument.js';
import { readDeferOptions } from '../api/settings.js';
import { requireBody } from '../api/validate.js';
import { hasSubscribers, publish, workRegister } from '../observability/channels.js';
import { place } from './coalesce.js';
import { captureContext, traceOf } from './context.js';
import { copyOf } from './data.js';
import type { OperationCore } from './operation.js';
import { boundaryOf, closedOne, nextInSequence } from './promotion.js';
import type { WorkQueue } from './queue.js';
import { callingWork, linkInto, type Scope, type WorkScope } from './scope.js';
import { TaskCore } from './task.js';
import { refusal } from './warning.js';
import { labelFor, nameIfAny, WorkItem, WorkOptions, type Run } from './work.js';

const RESOURCE = 'deferqueue.work';

/** `defer` to this operation's own queue, whichever operation is current. */
export const deferTo = (
  operation: OperationCore,
  run: unknown,
  options: unknown,
  stackTop: unknown,
): WorkItem => {
  const settings = readDefer(run, options);
  const { runtime } = operation;
  if (runsOutside(operation, settings)) return runtime.runAtOnce(run as Run, settings, stackTop, operation);
  return register(operation, undefined, runtime.scope(), run as Run, settings, stackTop);
};

/** Whether the item does not need the operation, which accepts nothing any more (G3). */
export const runsOutside = (operation: OperationCore, options: WorkOptions | undefined): boolean =>
  operation.state === 'closed' && options?.outside === 'run';

/** Checks the arguments of `defer`, before anything else is looked at (G4). */
export const readDefer = (run: unknown, options: unknown): WorkOptions | undefined => {
  requireBody(run, 'run');
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
  if (options?.data !== undefined) options.data = copyOf(options.data, labelOf(options, run));
  const closed = operation.isSavepoint || operation.state === 'closed' ? closedOne(operation) : undefined;
  if (closed !== undefined) throw refusal('defer', closed, titleOf(options, run));
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
  const entersScope = bound === undefined && from !== queue.owner && !operation.isScoped;
  const { trace } = operation.settings;
  if (entersScope || parent !== undefined || trace || operation.isTimed || operation.isSavepoint) {
    const details = item.ensureOptions();
    details.entersScope = entersScope;
    details.parent = parent;
    if (operation.isSavepoint) details.sequence = nextInSequence();
    if (operation.isTimed) details.registeredAt = performance.now();
    if (trace) details.trace = traceOf(stackTop);
  }
  if (options?.outcomeOf === 'operation' && queue.kind === 'root') {
    const judge = boundaryOf(operation);
    if (judge !== operation.root) options.verdict = judge.verdict;
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
  const full = operation.isBounded ? fullOne(operation) : undefined;
  if (full !== undefined && queue.twinsOf(item).length === 0) {
    throw new QueueFullError(full, full.settings.maxPending);
  }
  place(item, registered);
  operation.queued(queue);
};

/** Returns the operation whose `maxPending` allows no more: this one, or one around it that its savepoints count in. */
const fullOne = (operation: OperationCore): OperationCore | undefined => {
  const isFull = operation.pending + operation.pendingBelow >= operation.settings.maxPending;
  if (isFull || !operation.isSavepoint) return isFull ? operation : undefined;
  return fullOne(operation.parent!);
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
    if (task === undefined || task.state === 'closed') throw new NoTaskError('defer', operation, task);
    return task.endQueue;
  }
  // In the root itself, its own boundary is the outermost one.
  if (options?.until === 'root' && operation.enclosing !== undefined) return operation.order.forRoot;
  return task === undefined ? operation.order.own : task.queue;
};

/**
 * Returns the link that a new item would be deferred by, if it is not the one that opened the operation. Throws where the
 * chain is full for the operation or for one around it: each counts from where it was opened (G8).
 */
const chainParent = (operation: OperationCore, from: Scope | undefined): WorkScope | undefined => {
  if (operation.chainLimit === Infinity) return undefined;
  const parent = from?.operation === operation ? callingWork(operation, from) : linkInto(operation, from);
  const last = parent ?? operation.openedBy;
  if (last === undefined || last.depth < operation.chainLimit) return parent;
  let refusing: OperationCore | undefined = operation;
  const isFull = ({ openedBy, maxChain }: OperationCore): boolean =>
    last.depth - (openedBy?.depth ?? 0) >= maxChain;
  while (refusing.parent !== undefined && !isFull(refusing)) refusing = refusing.parent;
  throw new DeferChainError(refusing, refusing.maxChain, last.chain().slice(-refusing.maxChain));
};

const titleOf = (options: WorkOptions | undefined, run: Run): string | undefined =>
  nameIfAny(options?.name ?? run.name);

const labelOf = (options: WorkOptions, run: Run): string => labelFor(titleOf(options, run));
