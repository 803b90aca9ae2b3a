import { WorkTimeoutError } from '../api/deadline-errors.js';
import type { Interceptor } from '../api/types.js';
import { hasSubscribers, publish, workStart } from '../observability/channels.js';
import { Deadline } from './deadline.js';
import type { Drain } from './drain.js';
import { ignoreRejection, isNativePromise, pendingOf, whenSettled } from './promises.js';
import { callInScope, WorkScope } from './scope.js';
import type { WorkItem } from './work.js';

/**
 * Runs one item of a drain at a time. An item that times out abandons its slot: what it returned may never
 * settle, and then keeps a slot that holds nothing (G25).
 */
export class Slot {
  /** The item that runs here. */
  item: WorkItem | undefined;
  /** The scope of that item, if its context carries one. */
  scope: WorkScope | undefined;
  /** Returns the slot to the queue that granted it. */
  giveBack: (() => void) | undefined;
  #drain: Drain | undefined;
  #isAwaited = false;
  #onFulfilled: (() => void) | undefined;
  #onRejected: ((error: unknown) => void) | undefined;

  constructor(drain: Drain | undefined, giveBack?: () => void) {
    this.#drain = drain;
    this.giveBack = giveBack;
  }

  /** Enters the item, or skips it. Returns whether it has to be awaited; the drain is called when it has settled. */
  start(item: WorkItem): boolean {
    const drain = this.#drain!;
    this.item = item;
    const isDue = item.options === undefined || drain.source.isDue(item);
    const pending = isDue ? this.enter(item) : drain.operation.ledger.drop(item, 'skipped');
    if (pending === undefined) {
      this.#leave(drain, item);
      return false;
    }
    this.#isAwaited = true;
    if (this.#onFulfilled === undefined) this.#makeCallbacks();
    void whenSettled(pending, this.#onFulfilled!, this.#onRejected!);
    return true;
  }

  /** Returns the slot that continues in place of this one, which holds nothing from here on. */
  successor(): Slot {
    const next = new Slot(this.#drain, this.giveBack);
    const { item } = this;
    if (item !== undefined) this.#leave(this.#drain!, item);
    this.#drain = this.giveBack = undefined;
    return next;
  }

  /** Enters the item. Returns what has to be awaited, or `undefined` if it has settled. */
  enter(item: WorkItem): Promise<unknown> | undefined {
    const drain = this.#drain!;
    const { operation } = drain;
    const { ledger } = operation;
    drain.entered++;
    item.state = 'running';
    if (item.options !== undefined || drain.isTimed) this.#startClocks(drain, item);
    if (hasSubscribers(workStart) && !item.isResource) publish(workStart, { work: item });
    try {
      const result = this.#call(drain, item);
      if (result === undefined || item.state !== 'running') {
        // It may have been ended while it ran: by a deadline, under fake timers that it moves itself.
        if (item.state === 'running') ledger.ran(item);
        else ignoreRejection(result);
        return undefined;
      }
      const pending = isNativePromise(result)
        ? result
        : item.resource!.runInAsyncScope(pendingOf, undefined, result);
      if (item.state !== 'running') return undefined;
      if (pending === undefined) ledger.ran(item);
      else if (item.isResource) item.options!.disposal = pending;
      return pending;
    } catch (error) {
      if (item.state === 'running') ledger.fail(item, error);
      return undefined;
    }
  }

  /** Calls the function in its registration context, in a scope of its own if something has to know the item. */
  #call(drain: Drain, item: WorkItem): unknown {
    const { operation } = drain;
    const { carrier, interceptors } = operation.runtime;
    const { options } = item;
    const resource = item.resource!;
    const run =
      interceptors === undefined || item.isResource
        ? item.run!
        : intercepted(interceptors, 'work', item.run!);
    const owner = options === undefined ? item.queue.owner : drain.source.scopeOf(item);
    if (
      operation.isScoped ||
      owner.work !== undefined ||
      (options !== undefined && (options.parent !== undefined || options.isFlushed))
    ) {
      this.scope = new WorkScope(owner, options?.name, options?.parent, !item.isResource);
      return resource.runInAsyncScope(callInScope, undefined, carrier, this.scope, run, item, undefined);
    }
    if (options?.entersScope) {
      return resource.runInAsyncScope(callInScope, undefined, carrier, owner, run, item, undefined);
    }
    return resource.runInAsyncScope(run, undefined, item);
  }

  #startClocks(drain: Drain, item: WorkItem): void {
    const { operation } = drain;
    if (operation.settings.drainTimeout !== Infinity || item.options?.registeredAt !== undefined) {
      item.ensureOptions().startedAt = performance.now();
    }
    const { concurrency } = operation.settings;
    // A user's queue may have a timeout for all its jobs.
    const ofQueue = typeof concurrency === 'number' || item.isResource ? undefined : concurrency.timeout;
    const timeout = item.options?.timeout ?? ofQueue;
    if (timeout === undefined || timeout === Infinity) return;
    item.ensureOptions().deadline = new Deadline(timeout, () => {
      if (item.state !== 'running') return;
      operation.ledger.timeOut(item, new WorkTimeoutError(item.label, operation, timeout));
      // Otherwise its function is still on the stack, and `start` continues when that returns.
      if (this.#isAwaited && this.item === item) drain.freed(this, this.successor());
    });
  }

  #makeCallbacks(): void {
    this.#onFulfilled = () => this.#settled(undefined);
    this.#onRejected = (error) => this.#settled({ error });
  }

  #settled(failure: { readonly error: unknown } | undefined): void {
    const drain = this.#drain;
    const { item } = this;
    // The slot was abandoned.
    if (drain === undefined || item === undefined) return;
    if (item.state === 'running') {
      if (failure === undefined) drain.operation.ledger.ran(item);
      else drain.operation.ledger.fail(item, failure.error);
    }
    this.#isAwaited = false;
    this.#leave(drain, item);
    drain.freed(this, this);
  }

  #leave(drain: Drain, item: WorkItem): void {
    // The item itself may have made the slot be abandoned.
    if (this.item !== item) return;
    this.scope?.leave();
    this.item = this.scope = undefined;
    drain.source.release(item);
  }
}

type Wrap<Subject> = ((subject: Subject, run: () => unknown) => unknown) | undefined;

/** Wraps a function in the interceptors, the first one outermost. */
export const intercepted = <Subject>(
  interceptors: ReadonlySet<Interceptor>,
  kind: keyof Interceptor,
  fn: (subject: Subject) => unknown,
): ((subject: Subject) => unknown) =>
  [...interceptors].reduceRight((inner, interceptor) => {
    if (interceptor[kind] === undefined) return inner;
    return (subject) => (interceptor as Record<string, Wrap<Subject>>)[kind]!(subject, () => inner(subject));
  }, fn);
