import { AsyncResource } from 'node:async_hooks';
import type { JobQueue } from '../api/options.js';
import { unwatchQueue, watchQueue, type WaitingRequest } from './queue-events.js';

/** A class of its own, so that V8 lays out the short-lived resources of items apart: 32 bytes less for each. */
class QueueContext extends AsyncResource {}

/** No context in particular: what a queue makes for a job may be kept for long, with the drain's context (G25). */
const outside = new QueueContext('deferqueue.queue');

/** What a request is for. */
export interface Requester {
  /** The queue has started the job. Returns a promise for its end, or `undefined` if it is over. */
  granted(): Promise<void> | undefined;
  /** The queue has dropped the job. */
  lost(): void;
  /** The queue accepts no job. */
  refused(error: unknown): void;
  /** The queue is paused: it starts no job. */
  paused(): void;
}

/**
 * A job in a queue that is for no item in particular: when the queue starts it, the drain decides which item it is.
 * It can be withdrawn, and does nothing then. What the queue keeps of it holds neither drain nor item (G25).
 */
export class SlotRequest implements WaitingRequest {
  #requester: Requester | undefined;
  /** The queue in which it waits, if that is shared. */
  #shared: JobQueue | undefined;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Adds the job to the queue, which may start it at once. A shared queue may be paused or cleared by others. */
  add(queue: JobQueue, isShared: boolean): void {
    try {
      outside.runInAsyncScope(this.#add, undefined, queue);
    } catch (error) {
      this.#rejected(error);
    }
    if (this.#requester === undefined || !isShared) return;
    this.#shared = queue;
    watchQueue(queue, this);
  }

  onCleared(): void {
    this.#leave()?.lost();
  }

  onPaused(): void {
    this.#requester?.paused();
  }

  withdraw(): void {
    this.#leave();
  }

  readonly #add = (queue: JobQueue): void => {
    // The queue's own timeout would free the slot of a job that still runs. It counts as that of the item.
    queue
      .add(() => this.#leave()?.granted(), { timeout: undefined })
      .then(undefined, (error: unknown) => this.#rejected(error));
  };

  #rejected(error: unknown): void {
    // p-queue 10 rejects what it clears.
    if ((error as Partial<Error> | undefined)?.name === 'AbortError') this.onCleared();
    else this.#leave()?.refused(error);
  }

  /** From here on it holds nothing and does nothing. Returns what it was for. */
  #leave(): Requester | undefined {
    const requester = this.#requester;
    this.#requester = undefined;
    if (this.#shared !== undefined) unwatchQueue(this.#shared, this);
    this.#shared = undefined;
    return requester;
  }
}
