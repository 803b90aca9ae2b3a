import type { ObservedWork, Task, WorkReport, WorkState } from '../index.js';

/** A work as a test sees it. */
export class CapturedWork {
  /** @internal */
  readonly work: ObservedWork;
  /** What it fails with in place of being run. @internal */
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

  /** The copy of `data` that the work gets, or got: what it has made of it cannot be told apart. */
  get data(): unknown {
    return this.#data;
  }

  /** The task that it is bound to. */
  get task(): Task | undefined {
    return this.work.task;
  }

  /** `queued`, `running`, or the state in which it has ended. */
  get state(): WorkState {
    return this.work.state;
  }

  /** Resolves with what became of the work, and never rejects. */
  get settled(): Promise<WorkReport> {
    return this.work.settled;
  }

  /** Makes the work fail in its turn with `error`: its function is not called. */
  failWith(error: unknown): void {
    this.failure = { error };
  }

  /** The library lets go of the data when the work has settled; twins may have changed it until it starts. @internal */
  keepData(): void {
    if (this.work.data !== undefined) this.#data = this.work.data;
  }
}
