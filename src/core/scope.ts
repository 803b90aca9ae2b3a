import type { ContextCarrier } from '../api/carrier.js';
import type { OperationCore } from './operation.js';
import type { TaskCore } from './task.js';
import type { WorkItem } from './work.js';

/** What the carrier carries: an operation, a task, a running work item, or a call inside one of them. */
export interface Scope {
  readonly operation: OperationCore;
  readonly task: TaskCore | undefined;
  /** The running item that the caller is in, if the context knows it. */
  readonly work: WorkScope | undefined;
  /** The running item whose slot in a shared queue the caller may borrow, where it is not `work`. */
  readonly slotOwner?: WorkScope | undefined;
}

/**
 * A running work item as its context knows it, and a link of a chain (G8). An item deferred by an item runs
 * in such a scope. Items deferred by main code need none: entering one costs as much as the rest of an item.
 * A scope holds names, never an item or its context (G25).
 */
export class WorkScope implements Scope {
  readonly work: WorkScope = this;
  readonly operation: OperationCore;
  readonly task: TaskCore | undefined;
  readonly name: string | undefined;
  /** The item that deferred this one, or opened the operation in which it was deferred. */
  readonly parent: WorkScope | undefined;
  /** Whether it is a link of its chain. A disposer is none. */
  readonly isCounted: boolean;
  /** How many items the chain has up to and with this one, since its root was opened. */
  readonly depth: number;
  /** Whether it has a slot that a nested drain may borrow. */
  readonly hasSlot: boolean;
  isRunning = true;
  /** Settles when the nested drain that borrows the slot now is over. */
  #borrowing: Promise<void> | undefined;

  constructor(
    owner: Scope,
    name: string | undefined,
    parent: WorkScope | undefined,
    isCounted = true,
    hasSlot = isCounted,
  ) {
    this.operation = owner.operation;
    this.task = owner.task;
    this.name = name;
    this.parent = parent ?? owner.operation.openedBy;
    this.isCounted = isCounted;
    this.depth = (this.parent?.depth ?? 0) + (isCounted ? 1 : 0);
    this.hasSlot = hasSlot;
  }

  leave(): void {
    this.isRunning = false;
  }

  /** Runs a nested drain in the slot of the item, one at a time. */
  async lend(run: () => Promise<void> | undefined): Promise<void> {
    while (this.#borrowing !== undefined) await this.#borrowing;
    const running = run();
    if (running === undefined) return;
    this.#borrowing = running;
    try {
      await running;
    } finally {
      this.#borrowing = undefined;
    }
  }

  /** The names of the chain's items, the first one first. */
  chain(): (string | undefined)[] {
    const names: (string | undefined)[] = [];
    for (let link: WorkScope | undefined = this; link !== undefined; link = link.parent) {
      if (link.isCounted) names.push(link.name);
    }
    return names.toReversed();
  }
}

/**
 * The running item that a call in `from` belongs to (G8). Where the context does not tell, the call may come
 * from an item that main code deferred, since such an item has no scope: the one that runs now. Then the chain
 * is one link too long at most. A running item with a scope is known by context, so the call is not its own.
 */
export const callingWork = (operation: OperationCore, from: Scope | undefined): WorkScope | undefined => {
  if (from === undefined || from.operation !== operation) return undefined;
  if (from.work !== undefined || operation.isScoped) return from.work;
  const slot = from.task?.drain?.runningSlot ?? operation.drain?.runningSlot;
  const item: WorkItem | undefined = slot?.item;
  if (item === undefined || item.isResource || slot?.scope !== undefined) return undefined;
  return new WorkScope(item.queue.owner, item.name, undefined);
};

/**
 * The last link of the chain that a call in `scope` continues: the running item that it belongs to, else the one that
 * opened its operation.
 */
export const linkOf = (scope: Scope): WorkScope | undefined =>
  callingWork(scope.operation, scope) ?? scope.operation.openedBy;

/** The same for a call from `from` into `operation`. A chain does not lead from one root to another (G8). */
export const linkInto = (operation: OperationCore, from: Scope | undefined): WorkScope | undefined => {
  if (from === undefined || from.operation.root !== operation.root) return undefined;
  return from.operation === operation ? callingWork(operation, from) : linkOf(from);
};

/** The scope of a function that is called inside an operation from anywhere. */
export const scopeInside = (operation: OperationCore): Scope => {
  const from = operation.runtime.scope();
  const work = linkInto(operation, from);
  const slotOwner = slotOwnerOf(operation, from);
  const isPlain = work === undefined && slotOwner === undefined;
  return isPlain ? operation : { operation, task: undefined, work, slotOwner };
};

/** Whether an operation is another one, or is nested in it. */
export const isWithin = (operation: OperationCore, outer: OperationCore): boolean => {
  let each: OperationCore | undefined = operation;
  while (each !== undefined && each !== outer) each = each.parent;
  return each !== undefined;
};

/**
 * The running item that `from` is in, however deep, if it has a slot in a queue that is shared. What the item
 * waits for has to run in that slot: waiting for another one could take forever (G11).
 */
export const slotOwnerOf = (operation: OperationCore, from: Scope | undefined): WorkScope | undefined => {
  if (typeof operation.settings.concurrency === 'number') return undefined;
  for (let scope = from; scope !== undefined; scope = scope.operation.enclosing) {
    const owner = scope.slotOwner ?? scope.work;
    const isItem = scope.operation === operation && owner?.operation === operation;
    if (isItem && owner.isRunning && owner.hasSlot) return owner;
  }
  return undefined;
};

/** Calls `fn` in a scope: for `runInAsyncScope`, which calls this in the context of an item. */
export const callInScope = <A, B, R>(
  carrier: ContextCarrier,
  scope: Scope,
  fn: (first: A, second: B) => R,
  first: A,
  second: B,
): R => carrier.run(scope, fn, first, second);

/** For `carrier.run`, which passes two arguments on. */
export const callFunction = <R>(fn: () => R): R => fn();
