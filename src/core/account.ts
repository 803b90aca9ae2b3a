import { WorkFrame } from './chain.js';
import type { ContextCarrier } from './carrier.js';
import { Failures, warn } from './failures.js';
import { Ledger } from './report.js';
import type { OperationReport, WorkReport } from './report.js';
import type { OperationSettings } from './settings.js';
import type { DiscardReason } from './surface.js';
import { pendingOf } from './thenable.js';
import type { QueueScope } from './work-queue.js';
import type { WorkEntry } from './work.js';

/** Calls `fn` with the carrier set; made to be called in a work's own context. @internal */
export const enterScope = <A, B, R>(
  carrier: ContextCarrier,
  scope: unknown,
  fn: (first: A, second: B) => R,
  first: A,
  second: B,
): R =>
  carrier.runInScope === undefined
    ? carrier.run(scope, fn, first, second)
    : carrier.runInScope(scope, fn, first, second);

/** What an account needs of its operation. @internal */
export interface AccountHost extends QueueScope {
  readonly settings: OperationSettings;
  readonly engine: { readonly carrier: ContextCarrier; readonly interceptors: object | undefined };
  /** What names the operation in messages. */
  readonly title: string;
  /** Lets a drain that waits look again. */
  wake(): void;
}

/**
 * What became of every work of one operation (G19–G22). Made with the first work or resource.
 * @internal
 */
export class Account {
  #ran = 0;
  #ledger: Ledger | undefined;
  #discards: Set<Promise<void>> | undefined;
  #failures: Failures | undefined;
  #closed = false;
  #refusalTold = false;
  readonly #host: AccountHost;

  constructor(host: AccountHost) {
    this.#host = host;
    if (host.settings.report === 'full') this.#ledger = new Ledger(true);
  }

  /** So many works had run before this was made. */
  haveRun(ran: number): void {
    this.#ran = ran;
  }

  get failures(): Failures {
    return (this.#failures ??= new Failures(this.#host.settings.onWorkError));
  }

  get failed(): boolean {
    return this.#failures !== undefined;
  }

  /** The discards that have not settled. */
  get discards(): ReadonlySet<Promise<void>> | undefined {
    return this.#discards;
  }

  /** The operation has told how it ended: who hears of what fails from here on is `onWorkError`, or the process. */
  close(): void {
    this.#closed = true;
  }

  ran(work: WorkEntry): void {
    work.end('ran');
    if (work.isResource) return;
    this.#ran++;
    this.#ledger?.row(work.report('ran'));
  }

  /** Counts a work that did not simply run. */
  count(report: WorkReport): void {
    (this.#ledger ??= new Ledger(false)).end(report);
  }

  report(
    id: number,
    name: string | undefined,
    outcome: 'success' | 'failure',
    registered: number,
  ): OperationReport {
    return (this.#ledger ?? new Ledger(false)).report(id, name, outcome, registered, this.#ran);
  }

  fail(work: WorkEntry, error: unknown): void {
    const { label } = work;
    work.needDetails().reason = { thrown: error };
    work.end('failed');
    const report = work.report('failed');
    if (!work.isResource) this.count(report);
    this.#failed(label, error, report);
  }

  /** Ends a work that runs: its signal is aborted with the error, and nothing of what it does later counts (G23). */
  timeOut(work: WorkEntry, error: unknown): void {
    const { label } = work;
    const details = work.needDetails();
    details.reason = { thrown: error };
    work.end('timed-out');
    const report = work.report('timed-out');
    this.count(report);
    details.cancellation?.abort(error);
    this.#failed(label, error, report);
  }

  /**
   * Ends a work that will never run and calls its `discard`. The seal waits for a promise that is returned for it, and
   * it never rejects.
   */
  drop(work: WorkEntry, reason: DiscardReason): Promise<void> | undefined {
    const { label, resource, details } = work;
    const discard = details?.discard;
    const data = details?.data;
    // What a discard defers counts as deferred by the work, or two of them could go on for ever.
    const frame =
      discard &&
      new WorkFrame(work.home.scope, work.name, details?.parent as never, true, reason === 'skipped');
    work.end(reason);
    const report = work.report(reason);
    this.count(report);
    if (discard === undefined || frame === undefined || resource === undefined) return undefined;

    const failed = (error: unknown): void => this.#failed(label, error, report);
    try {
      const { carrier } = this.#host.engine;
      const result = resource.runInAsyncScope(enterScope, undefined, carrier, frame, discard, reason, data);
      const discarded = resource.runInAsyncScope(pendingOf, undefined, result);
      if (discarded !== undefined) return this.#watch(discarded, frame, failed);
    } catch (error) {
      failed(error);
    }
    frame.leave();
    return undefined;
  }

  /** Says that a drain waits for a queue that is paused. */
  tellPaused(): void {
    warn(
      `${this.#host.title} waits for the PQueue that it was given as concurrency, which is paused. Call start() on ` +
        'it; a drainTimeout bounds how long the drain at the boundary waits',
      'DEFERQUEUE_QUEUE_PAUSED',
    );
  }

  /** Says once that the queue did not take a work, which is run all the same. */
  tellRefused(error: unknown): void {
    if (this.#refusalTold) return;
    this.#refusalTold = true;
    warn(
      `The PQueue that ${this.#host.title} was given as concurrency refused a job: its works run without it, one at a time`,
      'DEFERQUEUE_QUEUE_REFUSED',
      error,
    );
  }

  #failed(label: string, error: unknown, report: WorkReport): void {
    this.failures.add(label, error, report);
    if (this.#closed && !this.failures.heard) {
      warn(`${label} failed after its operation had ended`, 'DEFERQUEUE_LATE_FAILURE', error);
    }
  }

  #watch(
    discarded: Promise<unknown>,
    frame: { leave(): void },
    failed: (error: unknown) => void,
  ): Promise<void> {
    const discards = (this.#discards ??= new Set());
    const watched = discarded.then(nothing, failed).then(() => {
      frame.leave();
      discards.delete(watched);
      this.#host.wake();
    });
    discards.add(watched);
    return watched;
  }
}

const nothing = (): void => {};
