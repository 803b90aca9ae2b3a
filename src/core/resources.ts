import { OperationClosedError } from '../api/errors.js';
import { invalidType } from '../api/invalid-argument.js';
import { captureContext } from './context.js';
import type { OperationCore } from './operation.js';
import type { Scope } from './scope.js';
import { WorkItem, WorkOptions } from './work.js';

// A runtime without explicit resource management has the symbols that its compilers agreed on.
const asyncDispose: symbol = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
const dispose: symbol = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Checks the argument of `use`. Returns what disposes it; `undefined` for `null` and `undefined`. */
export const disposerOf = (resource: unknown): (() => unknown) | undefined => {
  if (resource === null || resource === undefined) return undefined;
  const methods = resource as Record<symbol, unknown>;
  const method = methods[asyncDispose] ?? methods[dispose];
  if (typeof method !== 'function' || (typeof resource !== 'object' && typeof resource !== 'function')) {
    throw invalidType('resource', 'an object with Symbol.asyncDispose or Symbol.dispose', resource);
  }
  return () => (method as () => unknown).call(resource);
};

/** Registers a resource, to be disposed at the end of the operation's drain (G7). */
export const keep = (
  operation: OperationCore,
  from: Scope | undefined,
  resource: unknown,
  disposer: (() => unknown) | undefined,
): void => {
  if (operation.state === 'closed') throw new OperationClosedError('use', operation);
  if (disposer === undefined) return;
  const { resources } = operation.order;
  const options = new WorkOptions();
  const type = (resource as object).constructor?.name;
  options.name = type && type !== 'Object' ? `dispose ${type}` : 'dispose';
  const task = from?.operation === operation ? from.task : undefined;
  options.task = task;
  options.entersScope = from !== (task ?? operation);
  // A disposer is in no chain: what it defers starts one of its own.
  resources.push(new WorkItem(resources, disposer, captureContext('deferqueue.resource'), options));
  operation.queued(resources);
};

/** `use` in this operation, whichever is current. */
export const useIn = <R>(operation: OperationCore, resource: R): R => {
  keep(operation, operation.runtime.scope(), resource, disposerOf(resource));
  return resource;
};
