import PQueue from 'p-queue';
import type { JobQueue } from '../index.js';

/** What a queue runs. */
type Job = () => PromiseLike<unknown> | undefined;

/**
 * A queue that can be held: its jobs wait then, until each is let go or all are. The drain of an operation that is given it as
 * `concurrency` starts its works as far as this queue lets it.
 */
export class HeldQueue implements JobQueue {
  readonly isPaused = false;
  readonly #free: JobQueue;
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;
  #arrived: (() => void) | undefined;

  constructor(free: number | JobQueue) {
    this.#free = typeof free === 'number' ? new PQueue({ concurrency: free }) : free;
  }

  get concurrency(): number {
    return this.#free.concurrency;
  }

  get timeout(): number | undefined {
    return this.#free.timeout;
  }

  get size(): number {
    return this.#waiting.length + this.#free.size;
  }

  add(job: Job): Promise<unknown> {
    if (!this.#isHeld) return this.#free.add(job);
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => void this.#free.add(job).then(resolve, reject));
      this.#arrived?.();
    });
  }

  /** Lets jobs wait from here on. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Lets all jobs go, and those that come. */
  release(): void {
    this.#isHeld = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Lets the job go that waits for longest. Returns whether there was one. */
  step(): boolean {
    const go = this.#waiting.shift();
    go?.();
    return go !== undefined;
  }

  /** Resolves when a job waits. */
  arrival(): Promise<void> {
    if (this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }
}
