import type { JobQueue } from '../api/options.js';

/** A request for a slot that waits in a queue which others can pause and clear. */
export interface WaitingRequest {
  onCleared(): void;
  onPaused(): void;
}

/** p-queue 9 is an event emitter, p-queue 10 an event target. */
interface Emitter {
  on?(event: string, listener: () => void): unknown;
  off?(event: string, listener: () => void): unknown;
  addEventListener?(event: string, listener: () => void): unknown;
  removeEventListener?(event: string, listener: () => void): unknown;
}

/** After the last two the queue may be paused, which it has no event for. */
const EVENTS = ['empty', 'next', 'rateLimitCleared'];

/**
 * Tells the requests that wait in one queue when it is cleared or paused. It listens only while one waits, once for
 * all of them: thousands of operations may share a queue.
 */
class QueueEvents {
  readonly #queue: JobQueue & Emitter;
  readonly #waiting = new Set<WaitingRequest>();
  #isPauseKnown = false;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  add(request: WaitingRequest): void {
    if (this.#waiting.size === 0) this.#listen(true);
    this.#waiting.add(request);
    this.#onMove();
  }

  remove(request: WaitingRequest): void {
    if (!this.#waiting.delete(request) || this.#waiting.size > 0) return;
    this.#listen(false);
    this.#isPauseKnown = false;
  }

  // p-queue 9 drops what it clears, and emits `empty`. A request that still waits then was cleared, even where
  // another listener has filled the queue again.
  readonly #onEmpty = (): void => {
    for (const request of this.#waiting) request.onCleared();
  };

  readonly #onMove = (): void => {
    const { isPaused } = this.#queue;
    const [first] = this.#waiting;
    // One of those that wait reports it for all.
    if (isPaused && !this.#isPauseKnown) first?.onPaused();
    this.#isPauseKnown = isPaused;
  };

  #listen(isOn: boolean): void {
    const queue = this.#queue;
    const isEmitter = queue.on !== undefined;
    for (const event of EVENTS) {
      const listener = event === 'empty' ? this.#onEmpty : this.#onMove;
      if (isOn && isEmitter) queue.on?.(event, listener);
      else if (isOn) queue.addEventListener?.(event, listener);
      else if (isEmitter) queue.off?.(event, listener);
      else queue.removeEventListener?.(event, listener);
    }
  }
}

const byQueue = new WeakMap<JobQueue, QueueEvents>();

export const watchQueue = (queue: JobQueue, request: WaitingRequest): void => {
  let events = byQueue.get(queue);
  if (events === undefined) byQueue.set(queue, (events = new QueueEvents(queue)));
  events.add(request);
};

export const unwatchQueue = (queue: JobQueue, request: WaitingRequest): void => {
  byQueue.get(queue)?.remove(request);
};
