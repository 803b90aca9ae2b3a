import { AsyncResource } from 'node:async_hooks';
import { heard, publish, taskClose, taskOpen } from '../diagnostics/channels.js';
import type { OperationCore } from './operation.js';
import { meets } from './outcome.js';
import { QueueDrain } from './queue-drain.js';
import type { Task } from './surface.js';
import type { TaskCore } from './task.js';
import { pendingOf } from './thenable.js';
import type { WorkEntry } from './work.js';

/** The drain of a task's `until: 'task'` queue, once the task's function has settled. */
class EndDrain extends QueueDrain {
  readonly #task: TaskCore<OperationCore>;

  constructor(task: TaskCore<OperationCore>, inPlace: boolean) {
    const { operation, concurrency } = task;
    const lanes = operation.lanesFor(concurrency, inPlace);
    super(operation, task, task.endQueue, lanes, concurrency);
    this.#task = task;
  }

  due(work: WorkEntry): boolean {
    return meets(work.details?.on ?? 'always', this.#task.outcome);
  }

  protected first(): WorkEntry | undefined {
    return this.queue.peek();
  }
}

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
  if (heard(taskOpen)) publish(taskOpen, { task });
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
  if (task.more) {
    const { boundary } = operation;
    const place = task.place?.live ? task.place : undefined;
    const drain = (task.drain = new EndDrain(task, place !== undefined));
    do {
      const draining =
        place === undefined ? boundary.runBeside(drain) : place.lend(() => boundary.runBeside(drain));
      if (draining !== undefined) await draining;
    } while (task.more);
    boundary.left(task.endQueue);
  }
  const outcome = task.outcome!;
  task.end();
  if (heard(taskClose)) publish(taskClose, { task, outcome });
  operation.leave();
  if (failure !== undefined) throw failure.reason;
  return value as T;
};
