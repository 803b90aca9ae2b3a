import { cutShort } from './cut-short.js';
import type { CutOff } from './cut-short.js';
import { Deadline } from './deadline.js';
import { ShuttingDownError } from './errors.js';
import type { LiveOperations } from './live-operations.js';
import { turnOfLoop } from './loop-hold.js';
import type { OperationCore } from './operation.js';
import type { ShutdownReport, StuckOperation } from './report.js';

const NOTHING: CutOff = { running: [], abandoned: [] };

/**
 * The end of a runtime: waits for its live operations, and cuts those short that have not ended in time (G23a).
 * @internal
 */
export class Shutdown {
  readonly report: Promise<ShutdownReport>;
  readonly #live: LiveOperations<OperationCore>;
  #ended = 0;
  #cuts = false;
  #resolve!: (report: ShutdownReport) => void;
  #deadline: Deadline | undefined;

  constructor(live: LiveOperations<OperationCore>, grace: number) {
    this.#live = live;
    this.report = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (live.isEmpty) this.#tell([]);
    else if (grace !== Infinity) this.#deadline = new Deadline(grace, () => void this.#cut(grace));
  }

  /** Hears of every operation that ends. */
  ended(): void {
    if (this.#cuts) return;
    this.#ended++;
    if (!this.#live.isEmpty) return;
    this.#deadline?.clear();
    // Whoever waited for the operation goes on first: it may have an answer to send before the process exits.
    void turnOfLoop().then(() => this.#tell([]));
  }

  async #cut(grace: number): Promise<void> {
    this.#cuts = true;
    const error = new ShuttingDownError(grace);
    const stuck: StuckOperation[] = [];
    const over: Promise<void>[] = [];
    const seen = new Set<OperationCore>();
    // What is called on the way may open more, nested in what is still open: until there is none.
    for (let found = true; found;) {
      found = false;
      for (const operation of this.#live.newestFirst()) {
        if (seen.has(operation)) continue;
        seen.add(operation);
        found = true;
        const { id, name, state } = operation;
        const cutOff = operation.wasCut ? NOTHING : cutShort(operation, grace, error);
        stuck.push(Object.freeze({ id, name, state, ...cutOff }));
        if (operation.cut !== undefined) over.push(operation.cut.over);
      }
    }
    await new Promise<void>((resolve) => {
      // One that its own drainTimeout has cut short may have more time than that.
      const deadline = new Deadline(grace, resolve);
      void Promise.all(over).then(() => {
        deadline.clear();
        resolve();
      });
    });
    await turnOfLoop();
    this.#tell(stuck.toSorted((one, other) => one.id - other.id));
  }

  #tell(stuck: readonly StuckOperation[]): void {
    this.#resolve(Object.freeze({ ended: this.#ended, stuck: Object.freeze(stuck) }));
  }
}
