import { ShuttingDownError } from '../api/errors.js';
import type { ShutdownReport, StuckOperation } from '../api/report.js';
import { Deadline } from './deadline.js';
import { nextTurn } from './event-loop.js';
import type { LiveOperations } from './live-operations.js';
import type { OperationCore } from './operation.js';
import { NOTHING_STOPPED, terminate } from './terminate.js';
import { NativePromise } from './promises.js';

/** The end of a runtime: waits for its live operations, and terminates those that have not ended in time (G23a). */
export class Shutdown {
  readonly report: Promise<ShutdownReport>;
  readonly #live: LiveOperations;
  #ended = 0;
  #isTerminating = false;
  #resolve!: (report: ShutdownReport) => void;
  #deadline: Deadline | undefined;

  constructor(live: LiveOperations, grace: number) {
    this.#live = live;
    this.report = new NativePromise((resolve) => {
      this.#resolve = resolve;
    });
    if (live.isEmpty) this.#finish([]);
    else if (grace !== Infinity) this.#deadline = new Deadline(grace, () => void this.#terminateAll(grace));
  }

  /** An operation has ended. */
  ended(): void {
    if (this.#isTerminating) return;
    this.#ended++;
    if (!this.#live.isEmpty) return;
    this.#deadline?.clear();
    // Code that waited for the operation continues first: it may have an answer to send before the process exits.
    void nextTurn().then(() => this.#finish([]));
  }

  async #terminateAll(grace: number): Promise<void> {
    this.#isTerminating = true;
    const error = new ShuttingDownError(grace);
    const stuck: StuckOperation[] = [];
    const over: Promise<void>[] = [];
    const seen = new Set<OperationCore>();
    // What is called meanwhile may open more, nested in what is still open: until there is none.
    for (let hasFound = true; hasFound;) {
      hasFound = false;
      for (const operation of this.#live.newestFirst()) {
        if (seen.has(operation)) continue;
        seen.add(operation);
        hasFound = true;
        const { id, name, state } = operation;
        const stopped = operation.isTerminated
          ? NOTHING_STOPPED
          : terminate(operation, { limit: grace, cause: error });
        stuck.push(Object.freeze({ id, name, state, ...stopped }));
        if (operation.termination !== undefined) over.push(operation.termination.over);
      }
    }
    await new NativePromise<void>((resolve) => {
      // An operation that its own drainTimeout has terminated may have more time than that.
      const deadline = new Deadline(grace, resolve);
      void NativePromise.all(over).then(() => {
        deadline.clear();
        resolve();
      });
    });
    await nextTurn();
    this.#finish(stuck.toSorted((one, other) => one.id - other.id));
  }

  #finish(stuck: readonly StuckOperation[]): void {
    this.#resolve(Object.freeze({ ended: this.#ended, stuck: Object.freeze(stuck) }));
  }
}
