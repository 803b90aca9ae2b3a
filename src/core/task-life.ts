import { AsyncResource } from 'node:async_hooks';
import { runDrain } from './drain.js';
import type { OperationCore } from './operation.js';
import type { Task } from './surface.js';
import type { TaskCore } from './task.js';
import { pendingOf } from './thenable.js';

/**
 * The life of a task: its function, then the drain of its `until: 'task'` queue (G7). It is called inside the
 * task's scope, and settles as the function did.
 * @internal
 */
export const conductTask = async <T>(
  task: TaskCore<OperationCore>,
  fn: (task: Task) => T | PromiseLike<T>,
): Promise<T> => {
  const { operation } = task;
  operation.active++;
  operation.remember(task, new AsyncResource('deferqueue.task'));
  let value: T | undefined;
  let failure: { readonly reason: unknown } | undefined;
  try {
    const result = fn(task);
    const pending = pendingOf(result);
    value = pending === undefined ? (result as T) : await pending;
    task.fulfilWith(value);
  } catch (reason) {
    failure = { reason };
    task.rejectWith(reason);
  }
  while (task.more) await runDrain(task, operation.engine.step);
  task.end();
  operation.leave();
  if (failure !== undefined) throw failure.reason;
  return value as T;
};
