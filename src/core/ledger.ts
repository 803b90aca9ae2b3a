import type { AsyncResource } from 'node:async_hooks';
import type { FailedWork } from '../api/error-messages.js';
import type { EndCounts, EndState, OperationReport, WorkReport } from '../api/report.js';
import type { OperationSettings } from '../api/settings.js';
import type { DiscardReason } from '../api/types.js';
import type { OperationCore } from './operation.js';
import { isPromise, noop, pendingOf } from './promises.js';
import { callFunction, callInScope, WorkScope } from './scope.js';
import { warn } from './warning.js';
import type { WorkItem } from './work.js';

const NONE: EndCounts = Object.freeze({
  ran: 0,
  failed: 0,
  'timed-out': 0,
  skipped: 0,
  cancelled: 0,
  replaced: 0,
  abandoned: 0,
  promoted: 0,
});

/** What became of every work item of one operation, and of its failures (G19–G22). */
export class Ledger {
  /** How many items were registered. */
  registered = 0;
  readonly #operation: OperationCore;
  readonly #onWorkError: OperationSettings['onWorkError'];
  #ran = 0;
  /** The ends of items that did not simply run. */
  #others: Record<EndState, number> | undefined;
  readonly #rows: WorkReport[] | undefined;
  /** What failed, in the order in which it did. */
  readonly failures: FailedWork[] = [];
  /** The discards that have not settled. */
  discards: Set<Promise<void>> | undefined;
  #isClosed = false;

  constructor(operation: OperationCore) {
    this.#operation = operation;
    this.#onWorkError = operation.settings.onWorkError;
    this.#rows = operation.settings.report === 'full' ? [] : undefined;
  }

  /** Whether work has failed and `onWorkError` was called for each failure. */
  get areFailuresReported(): boolean {
    return this.failures.length > 0 && this.#onWorkError !== undefined;
  }

  ran(item: WorkItem): void {
    item.end('ran');
    if (item.isResource) return;
    this.#ran++;
    this.#rows?.push(item.report('ran'));
  }

  fail(item: WorkItem, error: unknown): void {
    const { label } = item;
    const within = contextOf(item);
    item.ensureOptions().reason = { value: error };
    item.end('failed');
    const report = item.report('failed');
    if (!item.isResource) this.count(report);
    this.#add(label, error, report, within);
  }

  /** Ends an item that runs: its signal aborts with the error, and nothing that it does later counts (G23). */
  timeOut(item: WorkItem, error: unknown): void {
    const { label } = item;
    const within = contextOf(item);
    const options = item.ensureOptions();
    options.reason = { value: error };
    item.end('timed-out');
    const report = item.report('timed-out');
    this.count(report);
    options.linked?.abort(error);
    this.#add(label, error, report, within);
  }

  /** Adds the failure of something that was done for an item, which goes on. */
  addFailure(label: string, error: unknown, report: WorkReport, item: WorkItem): void {
    this.#add(label, error, report, contextOf(item));
  }

  /** Counts an item that did not simply run. */
  count(report: WorkReport): void {
    (this.#others ??= { ...NONE })[report.state]++;
    this.#rows?.push(report);
  }

  /**
   * Ends an item that will never run and calls its `discard`. The seal waits for a promise that is returned for
   * that, which never rejects.
   */
  drop(item: WorkItem, reason: DiscardReason): Promise<void> | undefined {
    const { label, resource, options } = item;
    const discard = options?.discard;
    const data = options?.data;
    const scope = discard && scopeAfter(item, reason === 'skipped');
    const within = discard && contextOf(item);
    item.end(reason);
    const report = item.report(reason);
    this.count(report);
    if (discard === undefined || scope === undefined || resource === undefined) return undefined;

    const failed = (error: unknown): void => this.#add(label, error, report, within!);
    try {
      const { carrier } = this.#operation.runtime;
      const result = resource.runInAsyncScope(callInScope, undefined, carrier, scope, discard, reason, data);
      const pending = resource.runInAsyncScope(pendingOf, undefined, result);
      if (pending !== undefined) return this.#watch(pending, scope, failed);
    } catch (error) {
      failed(error);
    }
    scope.leave();
    return undefined;
  }

  #add(label: string, error: unknown, report: WorkReport, within: ItemContext): void {
    this.failures.push({ label, error, trace: report.trace });
    const onWorkError = this.#onWorkError;
    if (onWorkError === undefined) {
      if (this.#isClosed)
        warn(`${label} failed after its operation had ended`, 'DEFERQUEUE_LATE_FAILURE', error);
      return;
    }
    const operation = this.#operation;
    // The item has ended: what is called here does not wait for itself.
    within.scope.leave();
    const listen = (): unknown => onWorkError(error, report, operation);
    try {
      const call = callInScope<() => unknown, undefined, unknown>;
      const { resource, scope } = within;
      const { carrier } = operation.runtime;
      // An item that has ended meanwhile has no context of its own.
      const answer =
        resource === undefined
          ? call(carrier, scope, callFunction, listen, undefined)
          : resource.runInAsyncScope(call, undefined, carrier, scope, callFunction, listen, undefined);
      if (isPromise(answer)) void answer.then(noop, listenerFailed);
    } catch (thrown) {
      listenerFailed(thrown);
    }
  }

  /** The operation has told how it ended. A failure from here on can only become a process warning. */
  close(): void {
    this.#isClosed = true;
  }

  report(outcome: 'success' | 'failure'): OperationReport {
    const { id, name } = this.#operation;
    const { registered } = this;
    const counts = Object.freeze({ ...NONE, ...this.#others, ran: this.#ran });
    if (this.#rows === undefined) return Object.freeze({ id, name, outcome, registered, counts });
    return Object.freeze({ id, name, outcome, registered, counts, works: Object.freeze([...this.#rows]) });
  }

  #watch(pending: Promise<unknown>, scope: WorkScope, failed: (error: unknown) => void): Promise<void> {
    const discards = (this.discards ??= new Set());
    const watched = pending.then(noop, failed).then(() => {
      scope.leave();
      discards.delete(watched);
      this.#operation.changed();
    });
    discards.add(watched);
    return watched;
  }
}

/** The registration context of an item, kept while it ends (G13). */
interface ItemContext {
  readonly resource: AsyncResource | undefined;
  readonly scope: WorkScope;
}

const contextOf = (item: WorkItem): ItemContext => ({
  resource: item.resource,
  scope: scopeAfter(item, false),
});

/** What a discard or `onWorkError` defers counts as deferred by the item, or two of them could go on without end. */
const scopeAfter = ({ queue, name, options }: WorkItem, hasSlot: boolean): WorkScope =>
  new WorkScope(queue.owner, name, options?.parent, true, hasSlot);

const listenerFailed = (thrown: unknown): void => {
  warn('onWorkError itself failed', 'DEFERQUEUE_LISTENER_FAILED', thrown);
};
