import { isDeepStrictEqual } from 'node:util';
import type { Operation, OperationReport, Outcome, WorkReport } from '../index.js';
import { invalidUse } from '../api/invalid-argument.js';
import type { Capture } from './capture.js';
import type { CapturedWork } from './captured-work.js';

/** An operation held at its boundary, before its work runs (see `captureOperation`). */
export class CapturedOperation<T = unknown> implements AsyncDisposable {
  /** How `fn` settled, even if the test forced another outcome. */
  readonly outcome: Outcome<T>;
  readonly #capture: Capture;

  /** @internal */
  constructor(outcome: Outcome<T>, capture: Capture) {
    this.outcome = outcome;
    this.#capture = capture;
  }

  /** What `fn` returned. If `fn` rejected, reading this throws the same reason. */
  get value(): T {
    if (this.outcome.status === 'rejected') throw this.outcome.reason;
    return this.outcome.value;
  }

  /** The operation that `fn` ran in. */
  get operation(): Operation {
    return this.#capture.operation;
  }

  /**
   * The work items of the operation, in the order of their registration. The list includes items of its
   * tasks, flushed items, and items that work items add. It excludes cancelled and replaced items, and
   * those of nested operations, which have run at their own boundaries.
   */
  get works(): readonly CapturedWork[] {
    return this.#capture.items;
  }

  /** The work items that have not started. */
  get pending(): readonly CapturedWork[] {
    return this.works.filter(({ state }) => state === 'queued');
  }

  /** How many work items the nested operations of `fn` had. Those items are not held. */
  get nestedWorks(): number {
    return this.#capture.nestedItems;
  }

  /**
   * Whether a work item with that name was deferred that has run or can still run, and, if `data` is given,
   * with deeply and strictly equal data. Pass `matches` to compare the data differently. An item that was
   * skipped, cancelled or replaced does not count, nor one that belongs to an operation that failed.
   */
  hasDeferred(
    name: string,
    data?: unknown,
    matches: (actual: unknown, expected: unknown) => boolean = isDeepStrictEqual,
  ): boolean {
    return this.works.some(
      (work) => work.canRun && work.name === name && (data === undefined || matches(work.data, data)),
    );
  }

  /**
   * Makes a work item fail in its turn with `error`. Its function is not called. `which` is the index in
   * `works`, or a name: of several queued items with that name, the first one that does not yet fail.
   *
   * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) if no such item is queued.
   */
  fail(which: number | string, error: unknown = new Error('The test makes this work item fail')): void {
    const { works } = this;
    const named = works.filter(({ name, state }) => name === which && state === 'queued');
    const work =
      typeof which === 'number'
        ? works[which]
        : (named.find(({ failure }) => failure === undefined) ?? named[0]);
    if (work?.state !== 'queued') {
      const captured = works.map(({ name, state }, index) => `${index} ${name ?? '(unnamed)'} (${state})`);
      throw invalidUse(`No work item ${which} is queued. Captured: ${captured.join(', ') || 'none'}`);
    }
    work.failWith(error);
  }

  /**
   * Runs the remaining work items in their order, within the operation's `concurrency`, and ends the
   * operation. Resolves with the full report, or rejects with the `DeferredWorkError` that has it as
   * `report`.
   *
   * `run`, `runNext` and `discard` reject with a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) if a
   * work item of the operation calls them, because they would wait for that item.
   */
  run(): Promise<OperationReport> {
    return this.#capture.release();
  }

  /**
   * Runs the next work item alone and resolves with its report. Resolves with `undefined` once no item
   * is left and the operation has ended. Concurrent calls run one after the other. Rejects only if a
   * work item calls it, like `run`.
   *
   * A skipped item without a `discard` function takes no step of its own. It ends as soon as its turn
   * has come.
   */
  runNext(): Promise<WorkReport | undefined> {
    return this.#capture.step();
  }

  /**
   * Cancels the work items that have not started, and ends the operation. Resolves when it has ended.
   * Rejects only if a work item calls it, like `run`.
   */
  discard(): Promise<void> {
    return this.#capture.discard();
  }

  /** Calls `discard`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }
}
