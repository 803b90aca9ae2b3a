import type { Drain } from './drain.js';
import type { ReadyTasks } from './ready-tasks.js';
import type { TaskCore } from './task.js';
import type { WorkQueue } from './work-queue.js';

/**
 * What only some operations have beside their own queue, so that the others do not make room for it.
 * @internal
 */
export class OtherQueues {
  /** Works of a nested operation that wait for the outermost boundary. */
  forRoot: WorkQueue | undefined;
  resources: WorkQueue | undefined;
  /** Tasks that have work queued, and room for it. */
  ready: ReadyTasks<TaskCore> | undefined;
  /** The queues of tasks that have work queued, for whoever has to abandon it. */
  filled: Set<WorkQueue> | undefined;
  /** Other drains of the operation that go on at this time. */
  beside: Set<Drain> | undefined;
  /** Queues that a flush serves. */
  flushing: Set<WorkQueue> | undefined;
}

/**
 * What runs in a drain with several lanes, by the phases of G7.
 * @internal
 */
export class Phases {
  ofTasks = 0;
  ofOwn = 0;
  disposing = false;
}
