import { AsyncResource } from 'node:async_hooks';
import { OperationClosedError } from './errors.js';
import { invalidType } from './invalid-argument.js';
import type { OperationCore, Scope } from './operation.js';
import { WorkEntry } from './work.js';

// A runtime without explicit resource management has the symbols that its compilers agreed on.
const asyncDispose: symbol = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
const dispose: symbol = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Finds out how a resource is disposed; `undefined` where there is nothing to dispose. @internal */
export const disposerOf = (resource: unknown): (() => unknown) | undefined => {
  if (resource === null || resource === undefined) return undefined;
  const methods = resource as Record<symbol, unknown>;
  const method = methods[asyncDispose] ?? methods[dispose];
  if (typeof method !== 'function' || (typeof resource !== 'object' && typeof resource !== 'function')) {
    throw invalidType('resource', 'an object with Symbol.asyncDispose or Symbol.dispose', resource);
  }
  return () => (method as () => unknown).call(resource);
};

/** Registers what disposes a resource at the end of the drain (G7). @internal */
export const keep = (
  operation: OperationCore,
  from: Scope | undefined,
  resource: unknown,
  disposer: (() => unknown) | undefined,
): void => {
  if (operation.state === 'closed') throw new OperationClosedError('use', operation);
  if (disposer === undefined) return;
  const work = new WorkEntry(
    operation.boundary.resources,
    disposer,
    new AsyncResource('deferqueue.resource'),
    undefined,
  );
  const details = work.needDetails();
  const type = (resource as object).constructor?.name;
  details.name = type && type !== 'Object' ? `dispose ${type}` : 'dispose';
  if (from?.operation === operation) details.task = from.task;
  // A disposer is no work: what it defers starts a chain of its own.
  details.reenter = (from as object | undefined) !== (details.task ?? operation);
  const { boundary } = operation;
  boundary.resources.push(work);
  boundary.queued(boundary.resources);
};
