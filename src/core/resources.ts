import { NoTaskError } from '../api/errors.js';
import { invalidType } from '../api/invalid-argument.js';
import { isUntilTask } from '../api/settings.js';
import { captureContext } from './context.js';
import type { OperationCore } from './operation.js';
import { noop, pendingOf, whenSettled } from './promises.js';
import { closedOne } from './promotion.js';
import type { Scope } from './scope.js';
import type { TaskCore } from './task.js';
import { refusal, warn } from './warning.js';
import { WorkItem, WorkOptions } from './work.js';

// A runtime without explicit resource management has the symbols that its compilers agreed on.
const asyncDispose: symbol = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
const dispose: symbol = Symbol.dispose ?? Symbol.for('Symbol.dispose');

type Disposer = () => unknown;

/** The arguments of `use`, checked. */
export interface Use {
  /** Disposes the resource; `undefined` for `null` and `undefined`. */
  readonly disposer: Disposer | undefined;
  readonly isUntilTask: boolean;
  readonly name: string;
}

/** Checks the arguments of `use`. */
export const readUse = (resource: unknown, options: unknown): Use => {
  const use = { disposer: disposerOf(resource), isUntilTask: isUntilTask(options) };
  const type = (resource as object | undefined)?.constructor?.name;
  return { ...use, name: type && type !== 'Object' ? `dispose ${type}` : 'dispose' };
};

const disposerOf = (resource: unknown): Disposer | undefined => {
  if (resource === null || resource === undefined) return undefined;
  const methods = resource as Record<symbol, unknown>;
  const method = methods[asyncDispose] ?? methods[dispose];
  if (typeof method !== 'function' || (typeof resource !== 'object' && typeof resource !== 'function')) {
    throw invalidType('resource', 'an object with Symbol.asyncDispose or Symbol.dispose', resource);
  }
  return () => (method as Disposer).call(resource);
};

/**
 * Registers a resource, to be disposed at the end of the operation's drain, or of the task's (G7). One that comes too
 * late is disposed at once, since its caller has nothing else that would do it.
 */
export const keep = (
  operation: OperationCore,
  current: TaskCore | undefined,
  from: Scope | undefined,
  use: Use,
): void => {
  const { disposer, name } = use;
  const closed = closedOne(operation);
  if (closed !== undefined) {
    disposeLate(name, disposer);
    throw refusal('use', closed, name);
  }
  if (use.isUntilTask) {
    if (current?.state === 'closed') disposeLate(name, disposer);
    if (current === undefined || current.state === 'closed') throw new NoTaskError('use', operation, current);
  }
  if (disposer === undefined) return;
  const queue = use.isUntilTask ? current!.resources : operation.order.resources;
  const options = new WorkOptions();
  options.name = name;
  const task = from?.operation === operation ? from.task : undefined;
  options.task = task;
  options.entersScope = from !== (task ?? operation);
  // A disposer is in no chain: what it defers starts one of its own.
  queue.push(new WorkItem(queue, disposer, captureContext('deferqueue.resource'), options));
  operation.queued(queue);
};

const disposeLate = (name: string, disposer: Disposer | undefined): void => {
  if (disposer === undefined) return;
  const failed = (error: unknown): void =>
    warn(`${name} failed, after its time`, 'DEFERQUEUE_LATE_DISPOSAL', error);
  try {
    const pending = pendingOf(disposer());
    if (pending !== undefined) void whenSettled(pending, noop, failed);
  } catch (error) {
    failed(error);
  }
};
