import { WorkFrame } from './chain.js';
import type { ContextCarrier } from './carrier.js';
import { Failures } from './failures.js';
import { Ledger } from './report.js';
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
): R => carrier.run(scope, fn, first, second);

/** What an account needs of its operation. @internal */
export interface AccountHost extends QueueScope {
  readonly settings: OperationSettings;
  readonly engine: { readonly carrier: ContextCarrier };
  /** Lets a drain that waits look again. */
  wake(): void;
}

/**
 * What became of every work of one operation (G19–G22). Made with the first work or resource.
 * @internal
 */
export class Account {
  readonly ledger: Ledger;
  /** Discards that were called outside the drain and have not settled. */
  discarding = 0;
  #failures: Failures | undefined = undefined;
  readonly #host: AccountHost;

  constructor(host: AccountHost) {
    this.#host = host;
    this.ledger = new Ledger(host.settings.report === 'full');
  }

  get failures(): Failures {
    return (this.#failures ??= new Failures(this.#host.settings.onWorkError));
  }

  get failed(): boolean {
    return this.#failures !== undefined;
  }

  ran(work: WorkEntry): void {
    work.end('ran');
    if (work.isResource) return;
    this.ledger.ran++;
    if (this.ledger.full) this.ledger.row(work.report('ran'));
  }

  fail(work: WorkEntry, error: unknown): void {
    const { label } = work;
    work.needDetails().reason = { thrown: error };
    work.end('failed');
    const report = work.report('failed');
    if (!work.isResource) this.ledger.end(report);
    this.failures.add(label, error, report);
  }

  /** Ends a work that will never run and calls its `discard`. A promise that is returned for it never rejects. */
  drop(work: WorkEntry, reason: DiscardReason): Promise<void> | undefined {
    const { label, resource, details } = work;
    const discard = details?.discard;
    const data = details?.data;
    // What a discard defers counts as deferred by the work, or two of them could go on for ever.
    const frame = discard && new WorkFrame(work.home.scope, work.name, details?.parent as never);
    work.end(reason);
    const report = work.report(reason);
    this.ledger.end(report);
    if (discard === undefined || frame === undefined || resource === undefined) return undefined;

    const failed = (error: unknown): void => this.failures.add(label, error, report);
    try {
      const { carrier } = this.#host.engine;
      const result = resource.runInAsyncScope(enterScope, undefined, carrier, frame, discard, reason, data);
      const discarded = resource.runInAsyncScope(pendingOf, undefined, result);
      if (discarded !== undefined) {
        return discarded.then(
          () => frame.leave(),
          (error: unknown) => {
            frame.leave();
            failed(error);
          },
        );
      }
    } catch (error) {
      failed(error);
    }
    frame.leave();
    return undefined;
  }

  /** `drop` outside the drain, which will wait for the discard all the same. */
  dropNow(work: WorkEntry, reason: DiscardReason): void {
    const discarded = this.drop(work, reason);
    if (discarded === undefined) return;
    this.discarding++;
    void discarded.then(() => {
      this.discarding--;
      this.#host.wake();
    });
  }
}
