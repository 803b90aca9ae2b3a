import { endFlush } from './boundary.js';
import { ModelFlush, type ModelOperation, type ModelTask } from './entities.js';
import { hasFlushed, mayHaveFlushed } from './next.js';
import { Refusal, refuseClosed } from './refusal.js';
import type { World } from './world.js';

/**
 * What serves the queue of the task, or the operation's own: a flush that works on it, or the boundary, while a work of the
 * queue runs there. Where that has nothing left to do, nobody has seen whether it has ended.
 */
export function servedBy(
  { own, drain }: ModelOperation,
  task: ModelTask | undefined,
): 'nobody' | 'somebody' | 'perhaps somebody' {
  const { flush: flushing } = task?.untilOperation ?? own;
  const running = [...drain.running].filter((work) => work.task === task);
  if (flushing === undefined && running.length === 0) return 'nobody';
  const isFlushing = flushing !== undefined && !mayHaveFlushed(flushing);
  // Whether a discard that has the queue's turn counts as a work that runs is not said.
  const isRunning = running.some(({ outcome, entered }) => outcome === undefined && entered === 'run');
  return isFlushing || isRunning ? 'somebody' : 'perhaps somebody';
}

/** G12: an early boundary of the current task, or of the operation's own queue. */
export function flush(
  world: World,
  operation: ModelOperation | undefined,
  task: ModelTask | undefined,
): ModelFlush {
  if (operation === undefined) throw new Refusal('NO_OPERATION');
  refuseClosed(world, operation);
  if (servedBy(operation, task) === 'somebody') throw new Refusal('DRAIN_IN_PROGRESS');
  const queue = task?.untilOperation ?? operation.own;
  const { concurrency } = operation.settings;
  const started = new ModelFlush(queue, operation, Math.min(concurrency, task?.limit ?? concurrency));
  if (queue.flush !== undefined) endFlush(queue.flush);
  queue.flush = started;
  operation.flushes.add(started);
  // Where nothing is to be flushed, nothing drains.
  if (hasFlushed(started)) endFlush(started);
  return started;
}
