import { runDrain } from './drain.js';
import type { Drain } from './drain.js';
import { DrainInProgressError, OperationClosedError } from './errors.js';
import type { LoopHold } from './loop-hold.js';
import type { OperationCore } from './operation.js';
import type { TaskCore } from './task.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/** An early boundary: a drain of one queue that takes only works without a condition (G12). */
class FlushDrain implements Drain {
  running: WorkEntry | undefined = undefined;
  entered = 0;
  hold: LoopHold | undefined = undefined;
  readonly #queue: WorkQueue;
  readonly #scope: OperationCore | TaskCore<OperationCore>;

  constructor(queue: WorkQueue, scope: OperationCore | TaskCore<OperationCore>) {
    this.#queue = queue;
    this.#scope = scope;
  }

  get more(): boolean {
    return this.#queue.size > 0;
  }

  next(): WorkEntry | undefined {
    return this.#queue.takeAlways();
  }

  rest(): undefined {
    return undefined;
  }

  due(): boolean {
    return true;
  }

  enter(work: WorkEntry): unknown {
    work.needDetails().flushed = true;
    return this.#scope.operation.enterWork(work, this.#scope);
  }

  ran(work: WorkEntry): void {
    this.#scope.operation.ran(work);
  }

  failed(work: WorkEntry, error: unknown): void {
    this.#scope.operation.failed(work, error);
  }

  skip(): undefined {
    return undefined;
  }
}

/** Runs the queued `always` work of an operation's own queue or of a task's. @internal */
export const flush = async (scope: OperationCore | TaskCore<OperationCore>): Promise<number> => {
  const { operation } = scope;
  if (operation.state === 'closed') throw new OperationClosedError('flush', operation);
  const queue = scope.task === undefined ? operation.own : scope.task.queue;
  if (queue.flushing || operation.running?.home === queue) throw new DrainInProgressError('flush', operation);
  const drain = new FlushDrain(queue, scope);
  queue.flushing = true;
  operation.active++;
  try {
    const draining = runDrain(drain, operation.engine.step);
    if (draining !== undefined) await draining;
    return drain.entered;
  } finally {
    queue.flushing = false;
    operation.leave();
  }
};
