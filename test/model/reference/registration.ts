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
  if (operation.state === 'closed') throw errors.operationClosed();
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
  const work = new ModelWork({
    run,
    options,
    operation,
    // What waits for the root waits for no task, though the context of the one it is bound to stays.
    task: until === 'root' ? undefined : task,
    until,
    chain: chainLength(model, operation) + 1,
    foreign: isBound ? task.foreign : context.foreign,
  });
  admit(model, work);
  return deferredOf(model, work);
}

/** G8: how many works stand in the chain that leads here. It does not cross nested operations. */
function chainLength(model: Model, operation: ModelOperation): number {
  const { operation: current, by } = model.context;
  const isOwn = current === operation && by !== undefined;
  if (operation.options.maxChain !== undefined) {
    if (operation.running > 0 && !isOwn) model.undecided.add('a chain by way of another operation');
    if (model.captured > 0) model.undecided.add('which work defers in a captured context');
    if (by?.isEntered === false) model.undecided.add('a chain behind a work that has ended');
  }
  return isOwn ? by.registration.chain : 0;
}

/** G4, G5. Whether data that cannot be cloned, or another reason to refuse the work, is told first is not said. */
function copyOf(options: WorkOptions, model: Model, operation: ModelOperation | undefined): void {
  try {
    structuredClone(options.data);
  } catch (error) {
    const { maxChain, maxPending } = operation?.options ?? {};
    const isTaken = operation?.state === 'open' && options.until !== 'task' && options.task === undefined;
    if (!isTaken || maxChain !== undefined || maxPending !== undefined || options.signal?.aborted === true) {
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
  const { maxChain = 1000, maxPending = Infinity } = operation.options;
  const isTooLong = work.registration.chain > maxChain;
  const isFull = operation.pending >= maxPending;
  if (signal?.aborted === true) {
    if (isFull || isTooLong) model.undecided.add('an aborted signal out of bounds');
    operation.ledger.registered += 1;
    return discard(model, work, 'cancelled');
  }
  if (isTooLong) throw errors.deferChain();
  signal?.addEventListener('abort', () => {
    if (!cancel(model, work) && work.state === 'running') work.signal.abort(signal.reason);
  });
  const [twin] = twinsOf(work, queue);
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
