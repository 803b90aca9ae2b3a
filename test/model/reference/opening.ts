import type { OperationOptions } from 'deferqueue';
import type { OpenOperationView, OperationView, Settled, TaskView } from '../program/subject.js';
import { endTask, reachBoundary } from './boundary.js';
import * as errors from './contract-error.js';
import { ModelOperation, ModelTask } from './entities.js';
import type { Model } from './model.js';
import { outcomeOf, unwrap, type ModelOutcome } from './outcome.js';
import { settle } from './promotion.js';
import { settlementOf } from './settlement.js';
import { viewOf } from './view.js';

type OperationFunction = (operation: OperationView) => unknown;

/** The operation that is current and takes more, which others nest in or join. */
function enclosing(model: Model): ModelOperation | undefined {
  const { operation } = model.context;
  return operation?.state === 'closed' ? undefined : operation;
}

function open(model: Model, options: OperationOptions): ModelOperation {
  const parent = options.nesting === 'detached' ? undefined : enclosing(model);
  // G17: a nested operation inherits how failures are handled.
  const { workErrors = parent?.options.workErrors, onWorkError = parent?.options.onWorkError } = options;
  const given = { ...options, workErrors, onWorkError };
  const { by } = model.context;
  if (by?.isEntered === false || model.captured > 0) {
    if (parent?.around.some((each) => each.options.maxChain !== undefined)) {
      model.undecided.add('which work opens an operation in a captured context');
    }
  }
  return new ModelOperation(given, parent, parent && by, (operation) => viewOf(model, operation));
}

export function withOperation(model: Model, options: OperationOptions, fn: OperationFunction): unknown {
  const joined = options.nesting === 'join' ? enclosing(model) : undefined;
  if (joined !== undefined) return unwrap(join(joined, fn));
  const { operation, outcome } = perform(model, options, fn);
  return unwrap(settlementOf(model, operation, outcome));
}

export function settleOperation(model: Model, options: OperationOptions, fn: OperationFunction): Settled {
  const joined = options.nesting === 'join' ? enclosing(model) : undefined;
  if (joined !== undefined) return { outcome: join(joined, fn), report: joined.report() };
  const { operation, outcome } = perform(model, options, fn);
  return { outcome, report: operation.report() };
}

/** G17: no boundary, and so no other outcome than its own. */
function join(joined: ModelOperation, fn: OperationFunction): ModelOutcome {
  joined.live += 1;
  const outcome = outcomeOf(() => fn(joined.view));
  joined.live -= 1;
  return outcome;
}

function perform(
  model: Model,
  options: OperationOptions,
  fn: OperationFunction,
): { operation: ModelOperation; outcome: ModelOutcome } {
  const hasOptions = Object.keys(options).some((option) => option !== 'name' && option !== 'nesting');
  if (options.nesting === 'join' && hasOptions) model.undecided.add('options of a join that opens a root');
  const { foreign } = model.context;
  const operation = open(model, options);
  const { parent } = operation;
  if (parent !== undefined) parent.live += 1;
  operation.live += 1;
  const context = { operation, task: undefined, by: undefined, foreign };
  const outcome = outcomeOf(() => model.within(context, () => fn(operation.view)));
  operation.live -= 1;
  reachBoundary(model, operation, outcome);
  if (parent !== undefined) parent.live -= 1;
  return { operation, outcome };
}

/** A boundary that is not a function's end: the outcome is what `fail` says, and `close` reaches it. */
export function openOperation(model: Model, options: OperationOptions): OpenOperationView {
  if (options.nesting === 'join') throw errors.invalidArgument();
  const operation = open(model, options);
  let failure: ModelOutcome | undefined;
  let closed: ModelOutcome | undefined;

  const reach = (): ModelOutcome => {
    const outcome = failure ?? { status: 'fulfilled', value: undefined };
    reachBoundary(model, operation, outcome);
    const settled = settlementOf(model, operation, outcome);
    if (failure === undefined && settled.status === 'rejected') return settled;
    return { status: 'fulfilled', value: operation.report() };
  };

  return Object.assign(operation.view, {
    fail(reason: unknown): void {
      if (failure === undefined && operation.state !== 'open') throw errors.operationClosed();
      if (failure !== undefined) return;
      failure = { status: 'rejected', reason };
      operation.failed = failure;
      settle(model, operation);
      operation.signal.abort(reason);
    },
    close(): unknown {
      if (operation.running > 0 && !isWithin(model.context.operation, operation)) {
        model.undecided.add('close from a work, by way of another operation');
      }
      if (operation.running > 0) throw errors.drainInProgress();
      if (operation.live > 0) {
        model.undecided.add('close would wait for its caller');
        return undefined;
      }
      closed ??= reach();
      return unwrap(closed);
    },
  });
}

/** Whether an operation is another one or nested in it. */
function isWithin(inner: ModelOperation | undefined, outer: ModelOperation): boolean {
  return inner !== undefined && (inner === outer || isWithin(inner.parent, outer));
}

export function withTask(
  model: Model,
  { name }: { name?: string },
  fn: (task: TaskView) => unknown,
): unknown {
  const { context } = model;
  const { operation } = context;
  if (operation === undefined) throw errors.noOperation();
  if (operation.state === 'closed') throw errors.operationClosed();
  const task = new ModelTask(name, operation, context);
  operation.tasks.push(task);
  operation.live += 1;
  const outcome = outcomeOf(() => model.within({ ...context, task }, () => fn(task)));
  endTask(model, task, outcome);
  operation.live -= 1;
  return unwrap(outcome);
}
