import type { OperationView, Resource, UseOptions } from '../program/subject.js';
import { noOperation, noTask, operationClosed } from './contract-error.js';
import { ModelResource, type ModelOperation, type ModelTask } from './entities.js';
import { flush } from './flush.js';
import type { Model } from './model.js';
import { outcomeOf } from './outcome.js';
import { defer } from './registration.js';

/** An operation as programs see it. */
export function viewOf(model: Model, operation: ModelOperation): OperationView {
  return {
    name: operation.name,
    get parent() {
      return operation.parent?.view;
    },
    get root() {
      return operation.root.view;
    },
    get state() {
      return operation.state;
    },
    get pending() {
      return operation.pending;
    },
    signal: operation.signal,
    run(fn: () => unknown): unknown {
      const { context } = model;
      if (context.operation === operation && context.task !== undefined)
        model.undecided.add('run inside a task');
      const isRelated = context.operation?.root === operation.root;
      const outer = context.operation === operation ? undefined : context.operation?.openedBy;
      const by = isRelated ? (context.by ?? outer) : undefined;
      operation.live += 1;
      try {
        return model.within({ operation, task: undefined, by, foreign: context.foreign }, fn);
      } finally {
        operation.live -= 1;
      }
    },
    defer: (run, options) => defer(model, run, options, operation),
    use: (resource, options) => use(model, operation, undefined, resource, options),
    flush: () => flush(model, operation, undefined),
  };
}

/** Keeps a resource until the end of the drain, or of the current task, in the context of this call. */
export function use(
  model: Model,
  operation: ModelOperation | undefined,
  current: ModelTask | undefined,
  resource: Resource,
  { until }: UseOptions = {},
): Resource {
  if (operation === undefined) throw noOperation();
  const { task, foreign } = model.context;
  const method = resource[Symbol.asyncDispose] ?? resource[Symbol.dispose];
  const dispose = (): unknown => method?.call(resource);
  if (operation.state === 'closed') {
    disposeLate(model, resource, dispose);
    model.refuse(operation);
    throw operationClosed();
  }
  if (until === 'task' && current?.state === 'closed') disposeLate(model, resource, dispose);
  if (until === 'task' && (current === undefined || current.state === 'closed')) throw noTask();
  // The task of another operation would not be a participant here. A disposer starts a new chain.
  const context = { operation, task: task?.owner === operation ? task : undefined, by: undefined, foreign };
  const owner = until === 'task' && current !== undefined ? current : operation;
  owner.resources.push(new ModelResource(dispose, context));
  return resource;
}

/** What comes too late is disposed at once, which nothing waits for. */
function disposeLate(model: Model, resource: Resource, dispose: () => unknown): void {
  if (Symbol.asyncDispose in resource) model.undecided.add('when a late disposal ends');
  if (outcomeOf(dispose).status === 'rejected') model.warnings.push({});
}
