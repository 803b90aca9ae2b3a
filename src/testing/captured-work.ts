import type { ObservedWork, Task, WorkReport, WorkState } from '../index.js';

/** A work item of a captured operation (see `captureOperation`). */
export class CapturedWork {
  /** @internal */
  readonly work: ObservedWork;
  /** What the item fails with instead of running. @internal */
  failure: { readonly error: unknown } | undefined;
  #data: unknown;

  /** @internal */
  constructor(work: ObservedWork) {
    this.work = work;
    this.#data = work.data;
  }

  /** The `name` given to `defer`. */
  get name(): string | undefined {
    return this.work.name;
  }

  /** The copy of `data` that the item's function receives. It includes changes that the function made. */
  get data(): unknown {
    return this.#data;
  }

  /** The task that it is bound to. */
  get task(): Task | undefined {
    return this.work.task;
  }

  /** `queued`, `running`, or the state in which it ended. */
  get state(): WorkState {
    return this.work.state;
  }

  /** Whether it has run or can still run: not if it was skipped or discarded, or if its condition cannot be met. @internal */
  get canRun(): boolean {
    return (this.work as ObservedWork & { canRun(): boolean }).canRun();
  }

  /** Resolves with the report of the item, and never rejects. */
  get settled(): Promise<WorkReport> {
    return this.work.settled;
  }

  /** Makes the item fail in its turn with `error`. Its function is not called. */
  failWith(error: unknown): void {
    this.failure = { error };
  }

  /** Keeps the data, which the library releases when the item settles. @internal */
  keepData(): void {
    if (this.work.data !== undefined) this.#data = this.work.data;
  }
}
