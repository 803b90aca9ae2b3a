import type { AsyncResource } from 'node:async_hooks';
import { fulfilled, rejected, type Outcome } from '../api/outcome.js';
import type { OperationReport } from '../api/report.js';
import { DEFAULTS, type OperationSettings } from '../api/settings.js';
import type { OperationState } from '../api/types.js';
import { hasSubscribers, operationClose, operationOpen, publish } from '../observability/channels.js';
import { BoundaryOrder } from './boundary-order.js';
import { Drain, type DrainListener } from './drain.js';
import { OperationHandle } from './operation-handle.js';
import { Ledger } from './ledger.js';
import { nested } from './nesting.js';
import { Notifier } from './promises.js';
import { handOver, judge, type Verdict } from './promotion.js';
import type { WorkQueue } from './queue.js';
import type { RuntimeCore } from './runtime.js';
import { callFunction, linkOf, scopeInside, type Scope, type WorkScope } from './scope.js';
import { freezeSignal, signalOf, type LinkedSignal } from './signals.js';
import type { TaskCore } from './task.js';
import { terminations, type Termination } from './terminate.js';
import type { WorkItem } from './work.js';

let opened = 0;

/**
 * An operation: its state, what its boundary waits for, and, as a scope, what is current inside it. What only some
 * operations need is made when it is asked for.
 */
export class OperationCore extends OperationHandle implements Scope {
  readonly id = ++opened;
  readonly name: string | undefined;
  readonly runtime: RuntimeCore;
  settings: OperationSettings;
  /** The scope in which the operation was opened, if it is nested there. */
  readonly enclosing: Scope | undefined;
  readonly root: OperationCore;
  /** Whether each of its items runs in a scope of its own, so that its context says which one it is. */
  readonly isScoped: boolean;
  /** Whether its work waits for the boundary of the operation around it (G17). */
  readonly isSavepoint: boolean;
  /** The work item that opened it, or an operation around it: what is deferred in it continues that chain. */
  readonly openedBy: WorkScope | undefined = undefined;
  /** How long a chain in it may be: counted from where it was opened, and from where its root was (G8). */
  readonly maxChain: number;
  readonly chainLimit: number;
  /** Whether a `maxPending` bounds what is queued in it, and whether a report that its work is in has times. */
  readonly isBounded: boolean;
  readonly isTimed: boolean;
  state: OperationState = 'open';
  pending = 0;
  /** How many work items are queued in its savepoints. */
  pendingBelow = 0;
  /** Whether a process warning has named a registration that it refused. */
  hasRefused = false;
  /** Called for each registration during the drain, where there is a `drainSignal`. */
  onLateWork: (() => void) | undefined = undefined;
  /** When its function settled and when it was terminated, in terminations of the process; 0 until then. */
  settledAt = 0;
  terminatedAt = 0;
  termination: Termination | undefined = undefined;
  previous: OperationCore | undefined = undefined;
  next: OperationCore | undefined = undefined;
  /** Tasks, nested operations, joined functions, flushes and pending runs. */
  active = 0;
  /** The value or the reason of its function, until that has been told. */
  result: unknown = undefined;
  /** The drain at the boundary, once that has come. */
  drain: Drain | undefined = undefined;
  /** Its signal, if that was asked for. */
  linked: LinkedSignal | undefined = undefined;
  readonly operation: OperationCore = this;
  readonly task = undefined;
  readonly work = undefined;
  #isFulfilled: boolean | undefined = undefined;
  #isProvisional = false;
  #outcome: Outcome | undefined = undefined;
  #verdict: Verdict | undefined = undefined;
  #order: BoundaryOrder | undefined = undefined;
  #ledger: Ledger | undefined = undefined;
  #nestedDrains: Set<Drain> | undefined = undefined;
  #notifier: Notifier | undefined = undefined;
  #taskContexts: WeakMap<TaskCore, AsyncResource> | undefined = undefined;
  #lastReport: OperationReport | undefined = undefined;

  constructor(
    runtime: RuntimeCore,
    settings: OperationSettings,
    enclosing?: Scope,
    isScoped = settings.concurrency !== 1,
  ) {
    super();
    this.runtime = runtime;
    this.name = settings.name;
    this.settings = settings;
    this.enclosing = enclosing;
    this.root = enclosing === undefined ? this : enclosing.operation.root;
    this.isScoped = isScoped;
    this.maxChain = this.chainLimit = settings.maxChain;
    this.isTimed = settings.report === 'full';
    this.isSavepoint = enclosing !== undefined && settings.nesting === 'savepoint';
    this.isBounded = settings.maxPending !== Infinity || (this.isSavepoint && enclosing!.operation.isBounded);
    if (enclosing !== undefined) {
      const { operation } = enclosing;
      this.openedBy = operation.chainLimit === Infinity ? undefined : linkOf(enclosing);
      this.chainLimit = Math.min(operation.chainLimit, (this.openedBy?.depth ?? 0) + settings.maxChain);
      this.isTimed ||= operation.isTimed;
      operation.enter();
    }
    runtime.live.add(this);
    if (settings.signal !== undefined) signalOf(this);
    if (hasSubscribers(operationOpen)) publish(operationOpen, { operation: this });
  }

  get parent(): OperationCore | undefined {
    return this.enclosing?.operation;
  }

  get signal(): AbortSignal {
    return signalOf(this).signal;
  }

  protected get core(): this {
    return this;
  }

  runInside<R>(fn: () => R): R {
    return nested(this.runtime.carrier, scopeInside(this), callFunction<R>, fn, undefined);
  }

  /** A task, nested operation, joined function, flush or run has started. */
  enter(): void {
    this.active++;
  }

  leave(): void {
    this.active--;
    if (this.active === 0 || this.state === 'draining') this.notify();
  }

  /** Whether code of it runs that may still defer work or use its resources. */
  get isBusy(): boolean {
    return this.active > 0 || !!this.#ledger?.discards?.size;
  }

  wait(callback: () => void): void {
    (this.#notifier ??= new Notifier()).wait(callback);
  }

  notify(): void {
    this.#notifier?.notify();
    this.drain?.notify();
  }

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
    this.onLateWork?.();
  }

  /** The same, or a discard has settled. */
  changed(): void {
    if (this.#nestedDrains !== undefined) for (const drain of this.#nestedDrains) drain.notify();
    if (this.state === 'draining') this.notify();
  }

  get outcome(): Outcome | undefined {
    return (this.#outcome ??= this.#makeOutcome());
  }

  get isSettled(): boolean {
    return this.#isFulfilled !== undefined && !this.#isProvisional;
  }

  get isRejected(): boolean {
    return this.#isFulfilled === false;
  }

  outcomeOf(item: WorkItem): Outcome | undefined {
    return item.options?.origin === undefined ? this.outcome : judge(item.options, this);
  }

  /** The outcome for work that outlives the operation and is judged by it alone. */
  get verdict(): Verdict {
    return (this.#verdict ??= { outcome: this.outcome });
  }

  get isTerminated(): boolean {
    return this.terminatedAt > 0;
  }

  /** Until `confirm`, an outcome that is provisional may still be replaced by `reject`. */
  fulfil(value: unknown, isProvisional = false): void {
    this.#isFulfilled = true;
    this.result = value;
    this.#isProvisional = isProvisional;
    this.settledAt = terminations.count;
    if (!isProvisional) this.#settle();
  }

  confirm(): void {
    if (!this.#isProvisional) return;
    this.#isProvisional = false;
    this.#settle();
  }

  reject(reason: unknown): void {
    this.#isFulfilled = this.#isProvisional = false;
    this.result = reason;
    this.settledAt = terminations.count;
    this.#outcome = undefined;
    this.#settle();
    signalOf(this).abort(reason);
  }

  #settle(): void {
    if (this.#verdict !== undefined) this.#verdict.outcome = this.outcome;
    this.#order?.judged(this);
    // Items that were promoted through it may be twins now.
    if (this.root !== this) this.root.#order?.judged(this);
  }

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

  promote(): boolean {
    return this.#order !== undefined && handOver(this, this.#order);
  }

  markTerminated(): void {
    this.state = 'closed';
    this.terminatedAt = ++terminations.count;
    this.root.#order?.judged(this);
  }

  /** From here on the operation accepts nothing, and keeps only what tells how it ended. */
  seal(): void {
    this.state = 'closed';
    freezeSignal(this);
    this.#taskContexts = undefined;
    this.#order?.close();
    if (hasSubscribers(operationClose)) publish(operationClose, { operation: this, report: this.report() });
  }

  depart(): void {
    this.runtime.departed(this);
    this.enclosing?.operation.leave();
  }

  /** Releases options and queues, once its result has been delivered (G25). */
  forget(): void {
    if (this.termination !== undefined) {
      this.#lastReport = this.report();
      this.ledger.close();
      this.termination = undefined;
    }
    // A value is the caller's. A reason is still that of the signal.
    if (this.#isFulfilled) this.result = this.#outcome = undefined;
    this.#order = this.#ledger = this.drain = this.#notifier = this.#verdict = undefined;
    this.settings = DEFAULTS;
  }

  #makeOutcome(): Outcome | undefined {
    if (this.#isFulfilled === undefined) return undefined;
    return this.#isFulfilled ? fulfilled(this.result) : rejected(this.result);
  }
}
