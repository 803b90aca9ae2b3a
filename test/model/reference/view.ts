import type { OperationView, Resource } from '../program/subject.js';
import { noOperation, operationClosed } from './contract-error.js';
import type { ModelOperation } from './entities.js';
import { flush } from './flush.js';
import type { Model } from './model.js';
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
      const by = context.operation === operation ? context.by : undefined;
      operation.live += 1;
      try {
        return model.within({ operation, task: undefined, by, foreign: context.foreign }, fn);
      } finally {
        operation.live -= 1;
      }
    },
    defer: (run, options) => defer(model, run, options, operation),
    use: (resource) => use(model, operation, resource),
    flush: () => flush(model, operation, undefined),
  };
}

/** Keeps a resource until the end of the drain, in the context of this call. */
export function use(model: Model, operation: ModelOperation | undefined, resource: Resource): Resource {
  if (operation === undefined) throw noOperation();
  if (operation.state === 'closed') throw operationClosed();
  const { task, foreign } = model.context;
  const dispose = resource[Symbol.asyncDispose] ?? resource[Symbol.dispose];
  // The task of another operation would not be a participant here. A disposer starts a new chain.
  const context = { operation, task: task?.owner === operation ? task : undefined, by: undefined, foreign };
  operation.resources.push({ context, dispose: () => dispose?.call(resource) });
  return resource;
}
