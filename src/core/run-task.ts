import { fulfilled, rejected } from '../api/outcome.js';
import type { SettledOperation, Task } from '../api/types.js';
import { hasSubscribers, publish, taskClose, taskOpen } from '../observability/channels.js';
import { captureContext } from './context.js';
import { SingleQueue } from './boundary-order.js';
import { drainOf, runNested } from './drain.js';
import type { Body } from './lifecycle.js';
import type { OperationCore } from './operation.js';
import { pendingOf } from './promises.js';
import { callingWork, type Scope } from './scope.js';
import type { TaskCore } from './task.js';

/**
 * Runs a task: its function, then the drain of its `until: 'task'` items (G7). It is called inside the task's
 * scope, and settles as the function did.
 */
export const runTask = async <T>(task: TaskCore, fn: (task: Task) => T | PromiseLike<T>): Promise<T> => {
  const { operation } = task;
  operation.enter();
  operation.taskContexts.set(task, captureContext('deferqueue.task'));
  if (hasSubscribers(taskOpen)) publish(taskOpen, { task });
  let value: unknown;
  let failure: { readonly reason: unknown } | undefined;
  try {
    const result: unknown = fn(task);
    const pending = pendingOf(result);
    value = pending === undefined ? result : await pending;
    task.fulfil(value);
  } catch (reason) {
    failure = { reason };
    task.reject(reason);
  }
  if (task.hasEndItems && !operation.isTerminated) {
    const slotOwner = task.slotOwner?.isRunning ? task.slotOwner : undefined;
    const source = new SingleQueue(task.endQueue, task.concurrency, false, task.resources);
    const drain = (task.drain = drainOf(operation, source, task.concurrency, slotOwner));
    do {
      const draining = runNested(drain, slotOwner);
      if (draining !== undefined) await draining;
    } while (task.hasEndItems && !operation.isTerminated);
    operation.order.removed(task.endQueue);
    operation.order.removed(task.resources);
  }
  const outcome = task.outcome!;
  task.end();
  if (hasSubscribers(taskClose)) publish(taskClose, { task, outcome });
  operation.leave();
  if (failure !== undefined) throw failure.reason;
  return value as T;
};

/** Runs a function inside an operation that is already open: it is waited for like a task (G17). */
export const join = async (from: Scope, body: Body<unknown>): Promise<unknown> => {
  const { operation } = from;
  operation.enter();
  try {
    return await enter(from, body);
  } finally {
    operation.leave();
  }
};

/** The same, with the report of the enclosing operation so far. */
export const settleJoined = async (from: Scope, body: Body<unknown>): Promise<SettledOperation<unknown>> => {
  const { operation } = from;
  try {
    const value = await join(from, body);
    return { outcome: fulfilled(value), report: operation.report() };
  } catch (reason) {
    return { outcome: rejected(reason), report: operation.report() };
  }
};

/** A chain leads through a joined function, also after an `await` in it (G8). */
const enter = (from: Scope, body: Body<unknown>): unknown => {
  const { operation, task } = from;
  const work = callingWork(operation, from);
  if (work === from.work) return body(operation);
  const scope: Scope = { operation, task, work, slotOwner: from.slotOwner };
  return operation.runtime.carrier.run(scope, callBody, body, operation);
};

const callBody = (body: Body<unknown>, operation: OperationCore): unknown => body(operation);
