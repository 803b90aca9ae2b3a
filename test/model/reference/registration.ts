import type { DeferredView, Run, WorkOptions } from '../program/subject.js';
import { coalesce, twinsOf } from './coalescing.js';
import * as errors from './contract-error.js';
import { ModelTask, ModelWork, type ModelOperation } from './entities.js';
import type { Model } from './model.js';
import { cancel, discard } from './serve.js';

/** `defer` in the current operation, or in `own`: to that one's own queue, in the caller's context. */
export function defer(model: Model, run: Run, options: WorkOptions, own?: ModelOperation): DeferredView {
  const { context } = model;
  validate(options);
  const operation = own ?? context.operation;
  const given = options.task instanceof ModelTask ? options.task : undefined;
  if (operation === undefined && given !== undefined)
    model.undecided.add('a task where no operation is current');
  copyOf(options, model, operation);
  if (operation !== undefined && given !== undefined && given.owner !== operation)
    throw errors.invalidArgument();
  if (operation === undefined) throw errors.noOperation();
  if (operation.state === 'closed') {
    model.refuse(operation);
    throw errors.operationClosed();
  }
  if (own !== undefined && (given !== undefined || options.until === 'task')) {
    model.undecided.add('operation.defer with a task');
  }

  const ambient = own === undefined ? context.task : undefined;
  const task = options.task === null ? undefined : (given ?? ambient);
  // G18: in the root itself, until the root is until the operation.
  const isRoot = operation.parent === undefined;
  const until = options.until === 'root' && isRoot ? 'operation' : (options.until ?? 'operation');
  if (until === 'task' && (task === undefined || task.state === 'closed')) throw errors.noTask();

  const isBound = task !== undefined && task !== ambient;
  const registration = {
    run,
    options,
    operation,
    // What waits for the root waits for no task, though the context of the one it is bound to stays.
    task: until === 'root' ? undefined : task,
    until,
    behind: behind(model, operation),
    foreign: isBound ? task.foreign : context.foreign,
  } as const;
  const work = new ModelWork(registration, model.next());
  admit(model, work);
  return deferredOf(model, work);
}

/** G8: the last work of the chain that leads here. It does not lead from one root to another. */
function behind(model: Model, operation: ModelOperation): ModelWork | undefined {
  const { operation: current, by } = model.context;
  const isRelated = current?.root === operation.root;
  if (operation.around.some(({ options }) => options.maxChain !== undefined)) {
    if (!isRelated && operation.running > 0) model.undecided.add('a chain by way of another root');
    if (isRelated && !current.around.includes(operation)) model.undecided.add('a chain by way of a sibling');
    if (model.captured > 0) model.undecided.add('which work defers in a captured context');
    if (by?.isEntered === false) model.undecided.add('a chain behind a work that has ended');
  }
  return (isRelated ? (by ?? current.openedBy) : undefined) ?? operation.openedBy;
}

/** Whether the chain is too long for an operation: each counts from where it was opened. */
const isTooLongIn =
  (work: ModelWork) =>
  ({ openedBy, options }: ModelOperation): boolean =>
    work.depth - (openedBy?.depth ?? 0) > (options.maxChain ?? 1000);

/** G4, G5. Whether data that cannot be cloned, or another reason to refuse the work, is told first is not said. */
function copyOf(options: WorkOptions, model: Model, operation: ModelOperation | undefined): void {
  try {
    structuredClone(options.data);
  } catch (error) {
    const bounds = operation?.around.map(({ options: each }) => each) ?? [];
    const isBounded = bounds.some(
      ({ maxChain, maxPending }) => maxChain !== undefined || maxPending !== undefined,
    );
    const isTaken = operation?.state === 'open' && options.until !== 'task' && options.task === undefined;
    if (!isTaken || isBounded || options.signal?.aborted === true) {
      model.undecided.add('which of several errors is thrown');
    }
    throw error;
  }
}

function validate({ on = 'always', until, task }: WorkOptions): void {
  if (!['success', 'failure', 'always'].includes(on)) throw errors.invalidArgument();
  if (until === 'task' && task === null) throw errors.invalidArgument();
}

/** Queues a work within the bounds of its operation (G8, G24), unless it is cancelled already or becomes one with another. */
function admit(model: Model, work: ModelWork): void {
  const { operation, queue } = work;
  const { signal } = work.registration.options;
  const isTooLong = operation.around.some(isTooLongIn(work));
  const isFull = operation.full !== undefined;
  if (signal?.aborted === true) {
    if (isFull || isTooLong) model.undecided.add('an aborted signal out of bounds');
    operation.ledger.registered += 1;
    return discard(model, work, 'cancelled');
  }
  if (isTooLong) throw errors.deferChain();
  signal?.addEventListener('abort', () => {
    if (!cancel(model, work) && work.state === 'running') work.signal.abort(signal.reason);
  });
  const [twin, ...others] = twinsOf(work, queue);
  if (others.length > 0) model.undecided.add('a twin of works that are none of one another');
  if (twin !== undefined) coalesce(model, work, twin, queue);
  else if (isFull) throw errors.queueFull();
  else {
    operation.ledger.registered += 1;
    queue.push(work);
  }
}

function deferredOf(model: Model, work: ModelWork): DeferredView {
  return {
    name: work.registration.options.name,
    get state() {
      return work.state;
    },
    get settled() {
      return work.report;
    },
    cancel: () => cancel(model, work),
  };
}
