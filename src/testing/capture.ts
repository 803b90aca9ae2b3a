import { AsyncLocalStorage } from 'node:async_hooks';
import { invalidUse } from '../api/invalid-argument.js';
import { listen } from '../observability/listen.js';
import type { Operation, OperationReport, Runtime, WorkReport } from '../index.js';
import { CapturedWork } from './captured-work.js';
import type { HeldQueue } from './held-queue.js';

/** Ends of works that have not come to their turn. */
const TAKEN_BACK: ReadonlySet<string> = new Set(['replaced', 'cancelled', 'promoted']);

/** A work that runs, of a captured operation, and the one that it was called from. */
interface Running {
  readonly capture: Capture;
  readonly work: { readonly state: string };
  readonly from: Running | undefined;
}

const running = new AsyncLocalStorage<Running>();

/** What hears of the works of one operation, holds them, and breaks those that are to fail. */
export class Capture {
  /** The operation. */
  readonly operation: Operation;
  readonly #queue: HeldQueue;
  readonly #known = new Map<unknown, CapturedWork>();
  readonly #undo: (() => void)[] = [];
  readonly #boundary: Promise<void>;
  #reached!: () => void;
  #closing: Promise<OperationReport> | undefined;
  #report: OperationReport | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isOver = false;
  /** The last step that was asked for and has not ended: they come one after the other. */
  #stepping: Promise<unknown> | undefined;
  #last: WorkReport | undefined;
  #next: (() => void) | undefined;

  constructor(operation: Operation, queue: HeldQueue, { intercept: wrap }: Pick<Runtime, 'intercept'>) {
    this.operation = operation;
    this.#queue = queue;
    this.#boundary = new Promise((resolve) => {
      this.#reached = resolve;
    });
    const stop = listen(
      {
        'deferqueue:work:register': ({ work }) => {
          if (isWithin(work.operation, operation)) this.#known.set(work, new CapturedWork(work));
        },
        'deferqueue:work:start': ({ work }) => this.#known.get(work)?.keepData(),
        'deferqueue:work:end': ({ work, report }) => {
          if (work.operation !== operation || TAKEN_BACK.has(report.state)) return;
          this.#last = report;
          this.#next?.();
        },
        'deferqueue:operation:boundary': ({ operation: at }) => {
          if (at !== operation) return;
          queue.hold();
          for (const work of this.works) work.keepData();
          this.#reached();
        },
        'deferqueue:operation:close': ({ operation: at, report }) => {
          if (at === operation) this.#report = report;
        },
      },
      (_name, error) => {
        throw error;
      },
    );
    this.#undo.push(stop);
    this.#undo.push(
      wrap({
        work: (work, run) => {
          const known = this.#known.get(work);
          if (known?.failure !== undefined) throw known.failure.error;
          if (known === undefined || work.operation !== operation) return run();
          return running.run({ capture: this, work: known.work, from: running.getStore() }, run);
        },
      }),
    );
  }

  /** Those of the operation itself: not what a twin or the program has taken back, and not what nested operations have. */
  get works(): CapturedWork[] {
    return [...this.#known.values()].filter(
      ({ work }) => work.operation === this.operation && !TAKEN_BACK.has(work.state),
    );
  }

  /** How many works operations have that are nested in it. */
  get elsewhere(): number {
    return [...this.#known.values()].filter(({ work }) => work.operation !== this.operation).length;
  }

  /** Resolves at the boundary, before any work is run. */
  async reach(ended: Promise<unknown>): Promise<void> {
    // What the function rejects with is known; failures of works that nobody has heard of are not.
    this.#closing = ended.then(
      () => this.#report!,
      (error: unknown) => {
        if (this.#report?.outcome === 'failure') return this.#report;
        throw error;
      },
    );
    const over = (): void => {
      this.#isOver = true;
      for (const one of this.#undo.splice(0)) one();
      this.#next?.();
    };
    this.#ended = this.#closing.then(over, over);
    await Promise.race([this.#boundary, this.#ended]);
  }

  /** Lets the next work run. Resolves with what became of it; with nothing, if there is none. */
  step(): Promise<WorkReport | undefined> {
    const refusal = this.#refusal('runNext');
    if (refusal !== undefined) return Promise.reject(refusal);
    const step = this.#stepping === undefined ? this.#step() : this.#stepping.then(() => this.#step());
    this.#stepping = step;
    void step.then(() => {
      if (this.#stepping === step) this.#stepping = undefined;
    });
    return step;
  }

  async #step(): Promise<WorkReport | undefined> {
    if (this.#isOver) return undefined;
    this.#last = undefined;
    const ended = new Promise<void>((resolve) => {
      this.#next = resolve;
    });
    try {
      // A work that is skipped with nobody to tell it takes no place, and ends before one has to be asked for.
      await Promise.race([this.#queue.arrival(), ended]);
      if (this.#last === undefined && this.#queue.step()) await ended;
    } finally {
      this.#next = undefined;
    }
    return this.#last;
  }

  /** Lets all works run, and settles as the operation does. */
  release(): Promise<OperationReport> {
    const refusal = this.#refusal('run');
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#queue.release();
    return this.#closing!;
  }

  /** Cancels what is queued. */
  async discard(): Promise<void> {
    const refusal = this.#refusal('discard');
    if (refusal !== undefined) throw refusal;
    for (const { work } of this.works) work.cancel();
    this.#queue.release();
    await this.#ended;
  }

  /** What is wrong with a call from one of the works. */
  #refusal(what: 'runNext' | 'run' | 'discard'): TypeError | undefined {
    for (let at = running.getStore(); at !== undefined; at = at.from) {
      if (at.capture !== this || at.work.state !== 'running') continue;
      return invalidUse(
        `${what}() was called from a work of the captured operation, and would wait for itself. Call it in the test`,
      );
    }
    return undefined;
  }
}

/** Whether it is that operation, or nested in it at any depth. */
const isWithin = (one: Operation, other: Operation): boolean => {
  for (let at: Operation | undefined = one; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
};
