import { AsyncLocalStorage } from 'node:async_hooks';
import { invalidUse } from '../api/invalid-argument.js';
import { listen } from '../observability/listen.js';
import type { Operation, OperationReport, Runtime, WorkReport } from '../index.js';
import { CapturedWork } from './captured-work.js';
import type { HeldQueue } from './held-queue.js';

/** The end states of items that left the queue before their turn. */
const WITHDRAWN: ReadonlySet<string> = new Set(['replaced', 'cancelled', 'promoted']);

/** A running work item of a captured operation, and the one whose function it was called in. */
interface Running {
  readonly capture: Capture;
  readonly work: { readonly state: string };
  readonly from: Running | undefined;
}

const running = new AsyncLocalStorage<Running>();

/** Tracks the work items of one operation, holds them, and fails those that the test chose. */
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
  /** The last requested step that has not ended. Steps run one after the other. */
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
          if (work.operation !== operation || WITHDRAWN.has(report.state)) return;
          this.#last = report;
          this.#next?.();
        },
        'deferqueue:operation:boundary': ({ operation: at }) => {
          if (at !== operation) return;
          queue.hold();
          for (const work of this.items) work.keepData();
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

  /** The items of the operation itself, without withdrawn ones and those of nested operations. */
  get items(): CapturedWork[] {
    return [...this.#known.values()].filter(
      ({ work }) => work.operation === this.operation && !WITHDRAWN.has(work.state),
    );
  }

  /** How many items the nested operations have. */
  get nestedItems(): number {
    return [...this.#known.values()].filter(({ work }) => work.operation !== this.operation).length;
  }

  /** Resolves at the boundary, before any work runs. */
  async reach(ended: Promise<unknown>): Promise<void> {
    // The test already has the rejection of the function as `outcome`. Other failures are thrown.
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

  /** Runs the next item. Resolves with its report, or with `undefined` if there is none. */
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
      // A skipped item without a `discard` function needs no slot, and ends before a job arrives.
      await Promise.race([this.#queue.arrival(), ended]);
      if (this.#last === undefined && this.#queue.step()) await ended;
    } finally {
      this.#next = undefined;
    }
    return this.#last;
  }

  /** Runs all items, and settles like the operation. */
  release(): Promise<OperationReport> {
    const refusal = this.#refusal('run');
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#queue.release();
    return this.#closing!;
  }

  /** Cancels the queued items. */
  async discard(): Promise<void> {
    const refusal = this.#refusal('discard');
    if (refusal !== undefined) throw refusal;
    for (const { work } of this.items) work.cancel();
    this.#queue.release();
    await this.#ended;
  }

  /** The error of a call from one of the items; `undefined` for any other call. */
  #refusal(what: 'runNext' | 'run' | 'discard'): TypeError | undefined {
    for (let at = running.getStore(); at !== undefined; at = at.from) {
      if (at.capture !== this || at.work.state !== 'running') continue;
      return invalidUse(
        `${what}() was called from a work item of the captured operation, and would wait for itself. Call it in the test`,
      );
    }
    return undefined;
  }
}

/** Whether `one` is the operation `other`, or nested in it at any depth. */
const isWithin = (one: Operation, other: Operation): boolean => {
  for (let at: Operation | undefined = one; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
};
