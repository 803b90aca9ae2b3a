import type { JobQueue } from '../core/surface.js';

/** A job that waits in a queue which others can pause and clear. */
export interface Waiting {
  cleared(): void;
  paused(): void;
}

/** p-queue 9 is an event emitter, p-queue 10 an event target. */
interface Emitter {
  on?(event: string, listener: () => void): unknown;
  off?(event: string, listener: () => void): unknown;
  addEventListener?(event: string, listener: () => void): unknown;
  removeEventListener?(event: string, listener: () => void): unknown;
}

/** After the last two the queue may be paused, and does not say so. */
const EVENTS = ['empty', 'next', 'rateLimitCleared'];

/**
 * Tells the jobs that wait in one queue when it was cleared, or is paused. It listens only while one waits, once for all:
 * thousands of operations may share a queue.
 */
class QueueWatch {
  readonly #queue: JobQueue & Emitter;
  readonly #waiting = new Set<Waiting>();
  #pauseTold = false;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  add(waiting: Waiting): void {
    if (this.#waiting.size === 0) this.#listen(true);
    this.#waiting.add(waiting);
    this.#moved();
  }

  remove(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting) || this.#waiting.size > 0) return;
    this.#listen(false);
    this.#pauseTold = false;
  }

  // p-queue 9 forgets what it clears, and says that it is empty. A job that still waits then is one of those, even
  // where somebody who heard it first has filled the queue again.
  readonly #empty = (): void => {
    for (const waiting of this.#waiting) waiting.cleared();
  };

  readonly #moved = (): void => {
    const { isPaused } = this.#queue;
    const [first] = this.#waiting;
    // One of those that wait says it for all.
    if (isPaused && !this.#pauseTold) first?.paused();
    this.#pauseTold = isPaused;
  };

  #listen(on: boolean): void {
    const queue = this.#queue;
    const isEmitter = queue.on !== undefined;
    for (const event of EVENTS) {
      const listener = event === 'empty' ? this.#empty : this.#moved;
      if (on && isEmitter) queue.on?.(event, listener);
      else if (on) queue.addEventListener?.(event, listener);
      else if (isEmitter) queue.off?.(event, listener);
      else queue.removeEventListener?.(event, listener);
    }
  }
}

const watches = new WeakMap<JobQueue, QueueWatch>();

export const watch = (queue: JobQueue, waiting: Waiting): void => {
  let found = watches.get(queue);
  if (found === undefined) watches.set(queue, (found = new QueueWatch(queue)));
  found.add(waiting);
};

export const unwatch = (queue: JobQueue, waiting: Waiting): void => {
  watches.get(queue)?.remove(waiting);
};
