import { DrainAbortedError, DrainTimeoutError, WorkTimeoutError } from '../api/deadline-errors.js';
import { ShuttingDownError } from '../api/errors.js';
import type { AbandonedWork, StuckWork } from '../api/report.js';
import { Deadline } from './deadline.js';
import type { OperationCore } from './operation.js';
import type { WorkQueue } from './queue.js';
import { signalOf } from './signals.js';
import { Slot } from './slot.js';
import type { WorkItem } from './work.js';
import { NativePromise } from './promises.js';

/** How an operation was terminated (G23, G23a). */
export interface Termination {
  /** What it rejects with, if its function does not reject. Known when the function has settled. */
  readonly error: (value: unknown) => DrainTimeoutError | DrainAbortedError | undefined;
  /** Resolves when its discards and resources have settled, or have had their time. */
  readonly over: Promise<void>;
}

/** What a termination has stopped. */
export interface Stopped {
  readonly running: readonly StuckWork[];
  readonly abandoned: readonly AbandonedWork[];
}

export const NOTHING_STOPPED: Stopped = { running: [], abandoned: [] };

/** Counts the terminations of the process: what happened before which of them (see promotion). */
export const terminations = { count: 1 };

/** Why and how an operation is terminated. */
export interface Ending {
  /** How long its resources and discards are waited for, in milliseconds. */
  readonly limit: number;
  /** The error of a shutdown, or of a drain that is broken. */
  readonly cause?: unknown;
  /** The reason of the `drainSignal`, if that has aborted. */
  readonly aborted?: { readonly reason: unknown };
}

/**
 * Ends an operation before its time: running items are timed out, queued ones abandoned, and from then on it is
 * closed. Its resources are still disposed (G23, G23a).
 */
export const terminate = (operation: OperationCore, { limit, cause, aborted }: Ending): Stopped => {
  const wasDraining = operation.state === 'draining';
  const shutdown = cause instanceof ShuttingDownError ? cause : undefined;
  // Closed before any code of the user's is called: what that would start could not be kept.
  operation.markTerminated();
  if (operation.isUntouched) {
    close(operation, cause);
    operation.termination = { error: () => undefined, over: NativePromise.resolve() };
    operation.notify();
    return NOTHING_STOPPED;
  }
  const { ledger, order } = operation;
  const drains = [...(operation.drain === undefined ? [] : [operation.drain]), ...operation.nestedDrains];
  const { resources } = order;
  const running = drains.flatMap((drain) => drain.running()).toSorted(byStart);
  const stuck = Object.freeze(running.map(stuckRow));
  const unfinished: string[] = [];
  const unsettled = { active: operation.active, discards: ledger.discards?.size ?? 0, unfinished };
  for (const item of running) {
    if (item.isResource || item.state !== 'running') continue;
    const timeout = (): unknown => cause ?? new WorkTimeoutError(item.label, operation, limit, true);
    ledger.timeOut(item, aborted === undefined ? timeout() : aborted.reason);
  }
  const queues = order.filled();
  const ofTasks = queues.filter((queue) => queue.isOfResources).toReversed();
  const abandoned = queues.flatMap((queue) => (queue.isOfResources ? [] : abandon(queue)));
  // A root that was terminated as well accepts nothing.
  if (operation.root.state === 'closed') abandoned.push(...abandon(order.forRoot));
  operation.promote();

  const errorWith = (errors: readonly unknown[], value: unknown): DrainTimeoutError | DrainAbortedError => {
    const report = operation.report();
    return aborted === undefined
      ? new DrainTimeoutError(limit, stuck, errors, value, report, shutdown, unsettled)
      : new DrainAbortedError(aborted.reason, stuck, errors, value, report, unsettled);
  };
  // A signal may be kept for long, so its reason is without the value.
  close(operation, cause ?? errorWith([], undefined));

  const hasLost = wasDraining || stuck.length + abandoned.length > 0;
  const disposing = running.filter((item) => item.isResource);
  operation.termination = {
    // Made when all is over: failures of discards and disposers are among its errors.
    error: (value) =>
      hasLost
        ? errorWith(
            ledger.failures.map(({ error }) => error),
            value,
          )
        : undefined,
    over: disposeAll(operation, [...ofTasks, resources], limit, disposing, unfinished),
  };
  for (const drain of drains) drain.stop();
  operation.notify();
  return { running: stuck, abandoned };
};

const close = (operation: OperationCore, reason: unknown): void => {
  signalOf(operation).abort(reason);
  operation.seal();
};

const abandon = (queue: WorkQueue): AbandonedWork[] => {
  const abandoned: AbandonedWork[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) {
    abandoned.push(row(item));
    void queue.owner.operation.ledger.drop(item, 'abandoned');
  }
  return abandoned;
};

/** Disposes what is left, the last acquired first, and waits for it and for the discards, but not beyond `limit`. */
const disposeAll = async (
  operation: OperationCore,
  queues: readonly WorkQueue[],
  limit: number,
  disposing: readonly WorkItem[],
  unfinished: string[],
): Promise<void> => {
  const { ledger } = operation;
  let expire!: () => void;
  const expired = new NativePromise<void>((resolve) => {
    expire = resolve;
  });
  const deadline = new Deadline(limit, expire);
  const inTime = (pending: PromiseLike<unknown>): Promise<unknown> => NativePromise.race([pending, expired]);
  const watch = (item: WorkItem, disposal: Promise<unknown>): Promise<unknown> =>
    inTime(
      disposal.then(
        () => ledger.ran(item),
        (error: unknown) => ledger.fail(item, error),
      ),
    );
  const drain = operation.ensureDrain();

  for (const item of disposing) {
    const disposal = item.options?.disposal;
    if (disposal !== undefined) await watch(item, disposal);
  }
  for (const queue of queues) {
    for (let item = queue.take(); item !== undefined; item = queue.take()) {
      const slot = new Slot(drain);
      const pending = slot.enter(item);
      if (pending !== undefined) await watch(item, pending);
      if (item.state === 'running') unfinished.push(item.label);
      else slot.scope?.leave();
    }
  }
  if (ledger.discards !== undefined) await inTime(NativePromise.all(ledger.discards));
  deadline.clear();
};

const byStart = (one: WorkItem, other: WorkItem): number =>
  (one.options?.startedAt ?? 0) - (other.options?.startedAt ?? 0);

const row = (item: WorkItem): AbandonedWork => {
  const task = item.task?.name;
  const trace = item.options?.trace;
  return Object.freeze({
    name: item.title,
    ...(task !== undefined && { task }),
    ...(trace !== undefined && { trace }),
  });
};

const stuckRow = (item: WorkItem): StuckWork => {
  const startedAt = item.options?.startedAt;
  return Object.freeze({
    ...row(item),
    ...(startedAt !== undefined && { ranFor: Math.max(0, Math.round(performance.now() - startedAt)) }),
  });
};
