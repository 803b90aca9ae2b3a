import type { Account } from './account.js';
import type { BoundaryDrain } from './boundary-drain.js';
import { Deadline } from './deadline.js';
import { begin } from './drain.js';
import { DrainTimeoutError, WorkTimeoutError } from './errors.js';
import type { ShuttingDownError } from './errors.js';
import type { OperationCore } from './operation.js';
import type { AbandonedWork, StuckWork } from './report.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry } from './work.js';

/** What was cut off. @internal */
export interface CutOff {
  readonly running: readonly StuckWork[];
  readonly abandoned: readonly AbandonedWork[];
}

/**
 * Ends an operation before its time: its running works are timed out, what is queued is abandoned, and from then on
 * it is closed. Its resources are disposed all the same; `limit` is how long they and the discards are waited for, in
 * milliseconds (G23, G23a).
 * @internal
 */
export const cutShort = (operation: OperationCore, limit: number, shutdown?: ShuttingDownError): CutOff => {
  const draining = operation.state === 'draining';
  // Closed before anything of the user's is called: what that would begin could not be kept.
  operation.cutOff();
  if (operation.untouched) {
    // Nothing was registered, so there is nothing to abandon and nothing that could be stuck.
    close(operation, shutdown);
    operation.cutWith({ error: () => undefined, over: Promise.resolve() });
    operation.bell.ring();
    return { running: [], abandoned: [] };
  }
  const { boundary } = operation;
  const { account, drains, resources } = boundary;
  const running = drains.flatMap((drain) => drain.lanes.running(drain)).toSorted(byEntry);
  const stuck = Object.freeze(running.map(stuckWork));
  const unfinished: string[] = [];
  const others = { active: operation.active, discards: account.discards?.size ?? 0, unfinished };
  for (const work of running) {
    if (work.isResource || work.state !== 'running') continue;
    account.timeOut(work, shutdown ?? new WorkTimeoutError(work.label, operation, limit, true));
  }
  const abandoned = boundary.filled.flatMap((queue) => abandon(queue, account));
  // A root that was cut short as well takes nothing any more.
  if (operation.root.state === 'closed') abandoned.push(...abandon(boundary.forRoot, account));
  operation.promote();

  const tell = (errors: readonly unknown[], value: unknown): DrainTimeoutError =>
    new DrainTimeoutError(limit, stuck, errors, value, operation.report(), shutdown, others);
  // The signal may be kept for long, so its reason is without the value.
  close(operation, shutdown ?? tell([], undefined));

  const disposing = running.find((work) => work.isResource);
  const over = disposeAll(boundary, resources, limit, disposing, unfinished);
  const harmed = draining || stuck.length + abandoned.length > 0;
  operation.cutWith({
    // Made when all is over: failures of discards and disposers are among its errors.
    error: (value) => {
      if (!harmed) return undefined;
      return tell(account.failed ? account.failures.list.map(({ error }) => error) : [], value);
    },
    over,
  });
  for (const drain of drains) {
    drain.loop?.end();
    drain.lanes.clear(drain);
  }
  operation.bell.ring();
  return { running: stuck, abandoned };
};

const close = (operation: OperationCore, reason: unknown): void => {
  operation.signals.abort(reason);
  operation.seal();
};

const abandon = (queue: WorkQueue, account: Account): AbandonedWork[] => {
  const abandoned: AbandonedWork[] = [];
  for (let work = queue.take(); work !== undefined; work = queue.take()) {
    abandoned.push(named(work));
    void account.drop(work, 'abandoned');
  }
  return abandoned;
};

/** Disposes what is left, the last acquired first, and waits for it and for the discards, but not longer than `limit`. */
const disposeAll = async (
  boundary: BoundaryDrain,
  resources: WorkQueue,
  limit: number,
  disposing: WorkEntry | undefined,
  unfinished: string[],
): Promise<void> => {
  const { account } = boundary;
  let pass!: () => void;
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  const deadline = new Deadline(limit, pass);
  const inTime = (pending: PromiseLike<unknown>): Promise<unknown> => Promise.race([pending, passed]);
  const dispose = async (work: WorkEntry, pending: PromiseLike<unknown>): Promise<void> => {
    const settled = pending.then(
      () => account.ran(work),
      (error: unknown) => account.fail(work, error),
    );
    await inTime(settled);
    if (work.state === 'running' && work !== disposing) unfinished.push(work.label);
  };

  const pending = disposing?.details?.disposing;
  if (disposing !== undefined && pending !== undefined) await dispose(disposing, pending);
  for (let work = resources.take(); work !== undefined; work = resources.take()) {
    const disposal = begin(boundary, work);
    boundary.running = undefined;
    if (disposal !== undefined) await dispose(work, disposal);
  }
  if (account.discards !== undefined) await inTime(Promise.all(account.discards));
  deadline.clear();
};

const byEntry = (one: WorkEntry, other: WorkEntry): number =>
  (one.details?.enteredAt ?? 0) - (other.details?.enteredAt ?? 0);

const named = (work: WorkEntry): AbandonedWork => {
  const task = work.task?.name;
  const trace = work.details?.trace;
  return Object.freeze({
    name: work.title,
    ...(task !== undefined && { task }),
    ...(trace !== undefined && { trace }),
  });
};

const stuckWork = (work: WorkEntry): StuckWork => {
  const enteredAt = work.details?.enteredAt;
  return Object.freeze({
    ...named(work),
    ...(enteredAt !== undefined && { ranFor: Math.max(0, Math.round(performance.now() - enteredAt)) }),
  });
};
