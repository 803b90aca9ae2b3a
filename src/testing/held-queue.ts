import PQueue from 'p-queue';
import type { JobQueue } from '../index.js';

/** A job of the queue. */
type Job = () => PromiseLike<unknown> | undefined;

/**
 * A queue that can hold its jobs, and release them one by one or all at once. As the `concurrency` of
 * an operation, it controls when the drain starts each item.
 */
export class HeldQueue implements JobQueue {
  readonly isPaused = false;
  readonly #inner: JobQueue;
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;
  #arrived: (() => void) | undefined;

  constructor(inner: number | JobQueue) {
    this.#inner = typeof inner === 'number' ? new PQueue({ concurrency: inner }) : inner;
  }

  get concurrency(): number {
    return this.#inner.concurrency;
  }

  get timeout(): number | undefined {
    return this.#inner.timeout;
  }

  get size(): number {
    return this.#waiting.length + this.#inner.size;
  }

  add(job: Job): Promise<unknown> {
    if (!this.#isHeld) return this.#inner.add(job);
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => void this.#inner.add(job).then(resolve, reject));
      this.#arrived?.();
    });
  }

  /** Holds all jobs added from now on. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Releases all held jobs. Later jobs are not held. */
  release(): void {
    this.#isHeld = false;
    for (const start of this.#waiting.splice(0)) start();
  }

  /** Releases the job that was held first. Returns whether there was one. */
  step(): boolean {
    const start = this.#waiting.shift();
    start?.();
    return start !== undefined;
  }

  /** Resolves when a job is held. */
  arrival(): Promise<void> {
    if (this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }
}
