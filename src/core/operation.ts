import type { AsyncResource } from 'node:async_hooks';
import { fulfilled, rejected, type Outcome } from '../api/outcome.js';
import type { DeferOptions } from '../api/options.js';
import type { OperationReport } from '../api/report.js';
import { DEFAULTS, type OperationSettings } from '../api/settings.js';
import type { Deferred, Operation, OperationState, Work } from '../api/types.js';
import { requireFunction } from '../api/validate.js';
import { hasSubscribers, operationClose, operationOpen, publish } from '../observability/channels.js';
import { BoundaryOrder } from './boundary-order.js';
import { deferTo } from './defer.js';
import { Drain, type DrainListener } from './drain.js';
import { flush } from './flush.js';
import { Ledger } from './ledger.js';
import { Notifier } from './promises.js';
import { outcomeOfPath, promote } from './promotion.js';
import type { WorkQueue } from './queue.js';
import { useIn } from './resources.js';
import type { RuntimeCore } from './runtime.js';
import { callFunction, callingWork, slotOwnerOf, type Scope } from './scope.js';
import { freezeSignal, signalOf, type LinkedSignal } from './signals.js';
import type { TaskCore } from './task.js';
import { terminations, type Termination } from './terminate.js';
import type { WorkItem } from './work.js';

let opened = 0;

/**
 * An operation: its state, what its boundary waits for, and what is current inside it. What only some operations
 * need is made when it is asked for.
 */
export class OperationCore implements Operation, Scope {
  readonly id = ++opened;
  readonly name: string | undefined;
  readonly runtime: RuntimeCore;
  settings: OperationSettings;
  /** The scope in which the operation was opened, if it is nested there. */
  readonly enclosing: Scope | undefined;
  readonly root: OperationCore;
  /** Whether each of its items runs in a scope of its own, so that its context tells which one it is. */
  readonly isScoped: boolean;
  state: OperationState = 'open';
  pending = 0;
  /** When its function settled, in terminations of the process; 0 until then. */
  settledAt = 0;
  /** When it was terminated, in the same count; 0 if it was not. */
  terminatedAt = 0;
  /** How it was terminated, until that has been told. */
  termination: Termination | undefined = undefined;
  /** The operations opened before and after it, among those of the runtime that live. */
  previous: OperationCore | undefined = undefined;
  next: OperationCore | undefined = undefined;
  /** Tasks, nested operations, joined functions, flushes and pending runs. */
  active = 0;
  /** The value or the reason of its function, until that has been told. */
  result: unknown = undefined;
  /** The drain at the boundary, once that has come. */
  drain: Drain | undefined = undefined;
  /** Its signal, if that was asked for: here, or in an operation below. */
  linked: LinkedSignal | undefined = undefined;
  // As a scope, an operation is that of its function.
  readonly operation: OperationCore = this;
  readonly task = undefined;
  readonly work = undefined;
  #isFulfilled: boolean | undefined = undefined;
  #outcome: Outcome | undefined = undefined;
  #order: BoundaryOrder | undefined = undefined;
  #ledger: Ledger | undefined = undefined;
  #nestedDrains: Set<Drain> | undefined = undefined;
  #notifier: Notifier | undefined = undefined;
  #taskContexts: WeakMap<TaskCore, AsyncResource> | undefined = undefined;
  #lastReport: OperationReport | undefined = undefined;

  constructor(
    runtime: RuntimeCore,
    settings: OperationSettings,
    enclosing: Scope | undefined,
    isScoped = settings.concurrency !== 1,
  ) {
    this.runtime = runtime;
    this.name = settings.name;
    this.settings = settings;
    this.enclosing = enclosing;
    this.root = enclosing === undefined ? this : enclosing.operation.root;
    this.isScoped = isScoped;
    runtime.live.add(this);
    if (enclosing !== undefined) enclosing.operation.enter();
    // Which of its sources aborted first can be told only by what listens to all of them.
    if (settings.signal !== undefined) signalOf(this);
    if (hasSubscribers(operationOpen)) publish(operationOpen, { operation: this });
  }

  get parent(): OperationCore | undefined {
    return this.enclosing?.operation;
  }

  get signal(): AbortSignal {
    return signalOf(this).signal;
  }

  run<R>(fn: () => R): R {
    requireFunction(fn, 'fn');
    const { carrier } = this.runtime;
    const from = this.runtime.scope();
    const work = callingWork(this, from);
    const slotOwner = slotOwnerOf(this, from);
    const isPlain = work === undefined && slotOwner === undefined;
    const scope = isPlain ? this : { operation: this, task: undefined, work, slotOwner };
    return carrier.run(scope, callFunction<R>, fn, undefined);
  }

  bind<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R {
    requireFunction(fn, 'fn');
    const operation = this;
    return function (this: unknown, ...args: Args): R {
      return operation.run(() => fn.apply(this, args));
    };
  }

  defer<D = undefined>(run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred {
    // oxlint-disable-next-line typescript/unbound-method -- it only marks where the stack of the caller begins
    return deferTo(this, run, options, this.defer);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R {
    return useIn(this, resource);
  }

  flush(): Promise<number> {
    return flush(this, slotOwnerOf(this, this.runtime.scope()));
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Operation(${this.name === undefined ? '' : `"${this.name}" `}#${this.id}, ${this.state}, ${this.pending} pending)`;
  }

  // What the boundary and the seal wait for.

  /** A task, nested operation, joined function, flush or run has started. */
  enter(): void {
    this.active++;
  }

  /** It has settled. */
  leave(): void {
    this.active--;
    if (this.active === 0 || this.state === 'draining') this.notify();
  }

  /** Whether code of the operation runs that may still bring work or use its resources. */
  get isBusy(): boolean {
    return this.active > 0 || !!this.#ledger?.discards?.size;
  }

  /** Calls back when there is less to wait for. */
  wait(callback: () => void): void {
    (this.#notifier ??= new Notifier()).wait(callback);
  }

  /** There may be less to wait for, or more to start. */
  notify(): void {
    this.#notifier?.notify();
    this.drain?.notify();
  }

  // Its queues, and what becomes of its items.

  get order(): BoundaryOrder {
    return (this.#order ??= new BoundaryOrder(this));
  }

  get ledger(): Ledger {
    return (this.#ledger ??= new Ledger(this));
  }

  /** Drains of a single queue that run now: flushes, and the ends of tasks. */
  get nestedDrains(): Set<Drain> {
    return (this.#nestedDrains ??= new Set());
  }

  /** Whether neither an item nor a resource was ever registered. */
  get isUntouched(): boolean {
    return this.#order === undefined && this.#ledger === undefined;
  }

  /** The contexts in which tasks were opened. Work that is bound to a task runs in that task's (G13). */
  get taskContexts(): WeakMap<TaskCore, AsyncResource> {
    return (this.#taskContexts ??= new WeakMap());
  }

  /** An item was queued, or has left a queue. */
  queued(queue: WorkQueue): void {
    this.order.queued(queue);
    this.changed();
  }

  /** The same, or a discard has settled. */
  changed(): void {
    if (this.#nestedDrains !== undefined) for (const drain of this.#nestedDrains) drain.notify();
    if (this.state === 'draining') this.notify();
  }

  // Outcome.

  get outcome(): Outcome | undefined {
    return (this.#outcome ??= this.#makeOutcome());
  }

  get isRejected(): boolean {
    return this.#isFulfilled === false;
  }

  outcomeOf(item: WorkItem): Outcome | undefined {
    const origin = item.options?.origin;
    return origin === undefined ? this.outcome : outcomeOfPath(origin, this);
  }

  get isTerminated(): boolean {
    return this.terminatedAt > 0;
  }

  fulfil(value: unknown): void {
    this.#isFulfilled = true;
    this.result = value;
    this.settledAt = terminations.count;
  }

  reject(reason: unknown): void {
    this.#isFulfilled = false;
    this.result = reason;
    this.settledAt = terminations.count;
    signalOf(this).abort(reason);
  }

  // The end.

  report(): OperationReport {
    return this.#lastReport ?? this.ledger.report(this.isRejected ? 'failure' : 'success');
  }

  ensureDrain(): Drain {
    return (this.drain ??= new Drain(this, this.order, this.runtime.makeSlots(this.settings.concurrency)));
  }

  /** Runs what is queued. Returns whether nothing is left; if something is, `listener` hears of the end. */
  startDrain(listener: DrainListener): boolean {
    if (this.isUntouched || this.isTerminated) return true;
    return this.ensureDrain().start(listener);
  }

  /** Hands the items that wait for the root to the root. Returns whether there were any. */
  promote(): boolean {
    if (this.#order === undefined || !this.#order.hasForRoot) return false;
    promote(this, this.#order.forRoot);
    return true;
  }

  /** From here on it accepts nothing, because it was terminated. */
  markTerminated(): void {
    this.state = 'closed';
    this.terminatedAt = ++terminations.count;
  }

  /** From here on the operation accepts nothing, and keeps only what tells how it ended. */
  seal(): void {
    this.state = 'closed';
    freezeSignal(this);
    this.#taskContexts = undefined;
    this.#order?.close();
    if (hasSubscribers(operationClose)) publish(operationClose, { operation: this, report: this.report() });
  }

  /** Nothing waits for the operation any more. */
  depart(): void {
    this.runtime.departed(this);
    this.enclosing?.operation.leave();
  }

  /** Releases options and queues, once its result has been delivered (G25). */
  forget(): void {
    if (this.termination !== undefined) {
      // What it did not wait for may still ask for a report.
      this.#lastReport = this.report();
      this.ledger.close();
      this.termination = undefined;
    }
    // A value is the caller's. A reason still tells why the signal is aborted.
    if (this.#isFulfilled) this.result = this.#outcome = undefined;
    this.#order = this.#ledger = this.drain = this.#notifier = undefined;
    this.settings = DEFAULTS;
  }

  #makeOutcome(): Outcome | undefined {
    if (this.#isFulfilled === undefined) return undefined;
    return this.#isFulfilled ? fulfilled(this.result) : rejected(this.result);
  }
}
