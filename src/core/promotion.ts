import { rejected, type Outcome } from '../api/outcome.js';
import type { BoundaryOrder } from './boundary-order.js';
import { place, unite } from './coalesce.js';
import type { OperationCore } from './operation.js';
import type { WorkItem, WorkOptions } from './work.js';

/** The outcome of an operation, kept for work that it alone judges, since it may have ended by then (G18). */
export interface Verdict {
  outcome: Outcome | undefined;
}

/** The operation whose boundary work of this one waits for: its own, or that of the operation around a savepoint. */
export const boundaryOf = (operation: OperationCore): OperationCore => {
  let each = operation;
  while (each.isSavepoint) each = each.parent!;
  return each;
};

/** Returns the operation that accepts nothing more: this one, or one around it that its work as a savepoint waits for. */
export const closedOne = (operation: OperationCore): OperationCore | undefined => {
  let each = operation;
  while (each.state !== 'closed' && each.isSavepoint) each = each.parent!;
  return each.state === 'closed' ? each : undefined;
};

/** Lists the operations that judge a promoted item before `at`, where it waits, the innermost first. */
const pathOf = ({ origin, verdict }: WorkOptions, at: OperationCore): OperationCore[] => {
  const end = verdict === undefined ? at : boundaryOf(origin!).parent;
  const path: OperationCore[] = [];
  for (let each = origin; each !== undefined && each !== end; each = each.parent) path.push(each);
  return path;
};

/**
 * Whether it is known what a promoted item goes by where it waits: every operation on its path has ended. What still
 * runs in a terminated one is not waited for.
 */
export const isDecided = (options: WorkOptions, at: OperationCore): boolean => {
  let decided = true;
  for (const each of pathOf(options, at)) {
    if (each.isTerminated) decided = true;
    else if (each.state !== 'closed') decided = false;
  }
  return decided;
};

/**
 * The outcome that a promoted item goes by: that of the innermost operation on its path that failed (G18). One whose
 * function still ran when an operation around it was terminated has not succeeded, whatever becomes of it.
 */
export const judge = (options: WorkOptions, at: OperationCore): Outcome | undefined => {
  let lastSettled = 0;
  let terminated: OperationCore | undefined;
  for (const each of pathOf(options, at)) {
    if (each.isRejected) return each.outcome;
    if (each.isTerminated && lastSettled >= each.terminatedAt) terminated ??= each;
    lastSettled = Math.max(lastSettled, each.settledAt > 0 ? each.settledAt : Infinity);
  }
  if (terminated !== undefined) return rejected(terminated.signal.reason);
  return options.verdict === undefined ? at.outcome : options.verdict.outcome;
};

/**
 * How far a conditional item is judged: it has failed, or it waits for an operation, and for all around that one up to
 * the boundary, or it has succeeded.
 */
const standingOf = (options: WorkOptions, at: OperationCore): OperationCore | 'failed' | 'succeeded' => {
  if (judge(options, at)?.status === 'rejected') return 'failed';
  const unsettled = pathOf(options, at).find((each) => !each.isSettled);
  if (unsettled !== undefined) return unsettled;
  return options.verdict === undefined && !at.isSettled ? at : 'succeeded';
};

/**
 * Whether two items with one key in a queue of `at` become one (G27). Conditional items that were promoted to it do as
 * soon as the same operations are left to judge them. If one whose path has failed stood for another, that would be lost.
 */
export const areTwins = (one: WorkOptions, other: WorkOptions, at: OperationCore): boolean => {
  if (one.on !== other.on) return false;
  // In the root itself, what waits for the root is like any other work of its boundary.
  const areOwn = at.enclosing === undefined && isOfRoot(one) && isOfRoot(other);
  const areForRoot = one.until === 'root' && other.until === 'root' && !areOwn;
  if (areForRoot && one.outcomeOf !== other.outcomeOf) return false;
  if (one.until !== other.until && !isOfRoot(one) && !isOfRoot(other)) return false;
  if (one.on === 'always' || (one.origin === undefined && other.origin === undefined)) return true;
  return standingOf(one, at) === standingOf(other, at);
};

/** What items have in common that may be twins, beside their key and their standing. */
const kindsOf = (options: WorkOptions): string[] => {
  const { on, until, outcomeOf } = options;
  const ofRoot = `${on} root ${outcomeOf}`;
  if (until !== 'root') return [`${on} ${until}`];
  return isOfRoot(options) ? [ofRoot, `${on} operation`] : [ofRoot];
};

/** Whether it waits for the root in the root itself, where that is the same as its own boundary. */
const isOfRoot = ({ until, origin }: WorkOptions): boolean => until === 'root' && origin === undefined;

/**
 * Hands over what waits for another boundary, in the order in which it was registered: to the root what waits for the
 * root, and all else that a savepoint has to the operation around it. Returns whether there was anything.
 */
export const handOver = (from: OperationCore, order: BoundaryOrder): boolean => {
  const items = from.isSavepoint ? order.listAll().toSorted(bySequence) : order.listForRoot();
  let hasAny = false;
  for (const { queue } of items) {
    // Each queue is in this order, so its first item is the next. User code that the ones before have led to may have
    // ended it.
    const item = queue.owner.operation === from ? queue.take() : undefined;
    if (item === undefined) continue;
    hasAny = true;
    order.removed(queue);
    promote(from, queue.kind === 'root' ? from.root : from.parent!, item);
  }
  return hasAny || (from.isSavepoint && handOverResources(from, from.parent!, order));
};

const bySequence = (one: WorkItem, other: WorkItem): number =>
  one.options!.sequence - other.options!.sequence;

/** An operation that was terminated takes none: the savepoint disposes them itself. */
const handOverResources = (from: OperationCore, to: OperationCore, order: BoundaryOrder): boolean => {
  const resources = to.state === 'closed' ? [] : order.takeResources();
  for (const resource of resources) {
    leave(from, resource);
    resource.queue = to.order.resources;
    resource.queue.push(resource);
    to.queued(resource.queue);
  }
  return resources.length > 0;
};

/** Hands an item to the own queue of an operation. Every ledger on the way counts it (G18). */
const promote = (from: OperationCore, to: OperationCore, item: WorkItem): void => {
  // One that was terminated accepts nothing.
  if (to.state === 'closed') return void from.ledger.drop(item, 'abandoned');
  if (item.options?.registeredAt !== undefined) item.takeTimes();
  const report = item.report('promoted');
  for (let each: OperationCore | undefined = from; each && each !== to; each = each.parent) {
    // One on the path may have been terminated, and its ledger closed.
    if (each !== from && each.state === 'closed') continue;
    if (each !== from) each.ledger.registered++;
    each.ledger.count(report);
  }
  leave(from, item);
  receive(to, item);
};

/** It keeps its chain and the path that judges it, and is bound to no task any more. */
const leave = (from: OperationCore, item: WorkItem): void => {
  const options = item.ensureOptions();
  options.origin ??= from;
  options.parent ??= from.openedBy;
  options.task = undefined;
  options.entersScope = true;
};

/** Queues a promoted item, which is never refused. */
const receive = (to: OperationCore, item: WorkItem): void => {
  const { own } = to.order;
  const options = item.ensureOptions();
  const count = (): void => void to.ledger.registered++;
  item.queue = own;
  if (to.isSavepoint) options.sequence = nextInSequence();
  const { label } = item;
  // Until it is in the queue, a merge that cancels it has nothing to take it from.
  options.isPlacing = true;
  try {
    place(item, count);
  } catch (error) {
    // No caller can be given what a merge threw: both items stay, and the operation reports it.
    to.ledger.addFailure(`merging ${label}`, error, item.report('failed'), item);
    if (item.state === 'queued') count();
    if (item.state === 'queued' && to.state !== 'closed') own.push(item);
    options.staysApart = true;
  }
  options.isPlacing = false;
  // The merge may have terminated the operation, which accepts nothing more.
  if (item.state === 'queued' && to.state === 'closed') void to.ledger.drop(item, 'abandoned');
  to.queued(own);
  if (item.state === 'queued') to.order.watchFor(item, waitsFor(item, to));
};

/** Returns the operation that has to settle before a keyed item may have other twins than now. */
const waitsFor = ({ options }: WorkItem, at: OperationCore): OperationCore | undefined => {
  if (options?.key === undefined || options.on === 'always' || options.origin === undefined) return undefined;
  const standing = standingOf(options, at);
  return typeof standing === 'string' || standing === at ? undefined : standing;
};

let sequence = 0;

/** Counts the registrations in savepoints, whose items go on in that order. */
export const nextInSequence = (): number => ++sequence;

/** These items of an operation's own queue are judged further than before: makes those one that are twins now (G27). */
export const uniteTwins = (at: OperationCore, items: readonly WorkItem[]): void => {
  const { own } = at.order;
  for (const key of new Set(items.map(({ options }) => options?.key))) {
    const kept = new Map<unknown, Map<string, WorkItem>>();
    for (const item of own.withKey(key)) {
      // Conditional ones alone. A discard or a merge of the ones before may have ended it.
      if (item.state !== 'queued' || item.options!.on === 'always') continue;
      const kinds = kindsOf(item.options!);
      const standing = standingOf(item.options!, at);
      const ofStanding = kept.get(standing) ?? new Map<string, WorkItem>();
      kept.set(standing, ofStanding);
      let stays = item;
      for (const kind of kinds) {
        const earlier = ofStanding.get(kind);
        if (earlier !== undefined && earlier !== stays) stays = unite(earlier, stays);
      }
      for (const kind of stays.state === 'queued' ? kindsOf(stays.options!) : []) ofStanding.set(kind, stays);
    }
  }
  for (const item of items) {
    if (item.state === 'queued' && item.queue === own) at.order.watchFor(item, waitsFor(item, at));
  }
};
