import { AsyncResource } from 'node:async_hooks';
import { withTask } from 'deferqueue';

/**
 * A task that stays open until it is ended, since the stream may come back to it. What `run` is given runs in the
 * context of the task, from wherever it is called: p-queue calls it from whichever job has made room.
 */
export class EntryTask {
  /** Settles as the task: rejects with what the first of its entries failed with. */
  readonly done: Promise<void>;
  readonly #running: Promise<void>[] = [];
  #enter!: (job: () => Promise<void>) => Promise<void>;
  #end!: () => void;

  constructor(name: string, begin: () => void) {
    this.done = withTask(name, async () => {
      const ended = new Promise<void>((resolve) => {
        this.#end = resolve;
      });
      this.#enter = AsyncResource.bind((job: () => Promise<void>) => job());
      begin();
      await ended;
      await Promise.all(this.#running);
    });
    this.done.catch(() => {});
  }

  /** Runs a job in the task, when `when` lets it. The promise never rejects: `done` does. */
  async run(job: () => Promise<void>, when: (start: () => Promise<void>) => Promise<void>): Promise<void> {
    const running = when(() => this.#enter(job));
    this.#running.push(running);
    await running.catch(() => {});
  }

  end(): void {
    this.#end();
  }
}
