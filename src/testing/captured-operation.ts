import { isDeepStrictEqual } from 'node:util';
import type { Operation, OperationReport, Outcome, WorkReport } from '../index.js';
import { invalidUse } from '../api/invalid-argument.js';
import type { Capture } from './capture.js';
import type { CapturedWork } from './captured-work.js';

/** An operation that stands at its boundary, before its works (see `captureOperation`). */
export class CapturedOperation<T = unknown> implements AsyncDisposable {
  /** How `fn` settled, whatever outcome the test has forced. */
  readonly outcome: Outcome<T>;
  readonly #capture: Capture;

  /** @internal */
  constructor(outcome: Outcome<T>, capture: Capture) {
    this.outcome = outcome;
    this.#capture = capture;
  }

  /** What `fn` returned. Throws its reason, by identity, where it rejected. */
  get value(): T {
    if (this.outcome.status === 'rejected') throw this.outcome.reason;
    return this.outcome.value;
  }

  /** The operation that `fn` ran in. */
  get operation(): Operation {
    return this.#capture.operation;
  }

  /**
   * The works of the operation, in the order of their registration: those of its tasks too, those that were flushed and the ones that
   * works add; not those that were cancelled or replaced by a twin, and not those of nested operations, which have run at their own boundaries.
   */
  get works(): readonly CapturedWork[] {
    return this.#capture.works;
  }

  /** The works that have not been started. */
  get pending(): readonly CapturedWork[] {
    return this.works.filter(({ state }) => state === 'queued');
  }

  /** How many works operations have had that `fn` opened itself: those are not held. */
  get nestedWorks(): number {
    return this.#capture.elsewhere;
  }

  /**
   * Whether a work was deferred with that name and, if it is given, with `data` that is deeply and strictly equal. `matches` may
   * compare the data in another way.
   */
  hasDeferred(
    name: string,
    data?: unknown,
    matches: (actual: unknown, expected: unknown) => boolean = isDeepStrictEqual,
  ): boolean {
    return this.works.some((work) => work.name === name && (data === undefined || matches(work.data, data)));
  }

  /**
   * Makes a work fail in its turn with `error`: its function is not called. `which` is its place among `works`, counted from 0, or its
   * name, for the first one of it that is queued and not made to fail already. Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) where there is no such work queued.
   */
  fail(which: number | string, error: unknown = new Error('The test makes this work fail')): void {
    const { works } = this;
    const named = works.filter(({ name, state }) => name === which && state === 'queued');
    const work =
      typeof which === 'number'
        ? works[which]
        : (named.find(({ failure }) => failure === undefined) ?? named[0]);
    if (work?.state !== 'queued') {
      const there = works.map(({ name, state }, index) => `${index} ${name ?? '(unnamed)'} (${state})`);
      throw invalidUse(`No work ${which} is queued. There is: ${there.join(', ') || 'none'}`);
    }
    work.failWith(error);
  }

  /**
   * Runs all works that are left, in their order and as many at once as the operation's `concurrency` says, and ends the operation.
   * Settles as the operation does: with the full report, or with the `DeferredWorkError`, whose `report` is the same. Called from one of
   * the works, it would wait for itself: this, `runNext` and `discard` reject with a `TypeError` there (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
   */
  run(): Promise<OperationReport> {
    return this.#capture.release();
  }

  /**
   * Runs the next work alone. Resolves with what became of it, and rejects only where it is called from a work; with nothing once none is left, and then the operation
   * has ended. Steps that are asked for together come one after the other. What cannot be told by this is when a skipped work without a `discard` goes: it does as soon as its turn has come.
   */
  runNext(): Promise<WorkReport | undefined> {
    return this.#capture.step();
  }

  /** Cancels the works that have not been started, and ends the operation. Resolves when it has ended, and rejects only where it is called from a work. */
  discard(): Promise<void> {
    return this.#capture.discard();
  }

  /** As `discard`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }
}
