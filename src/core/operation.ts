import type { AsyncResource } from 'node:async_hooks';
import { heard, operationBoundary, operationClose, operationOpen, publish } from '../diagnostics/channels.js';
import { enterScope } from './account.js';
import type { Account } from './account.js';
import { Bell } from './bell.js';
import { BoundaryDrain } from './boundary-drain.js';
import type { BoundaryHost } from './boundary-drain.js';
import type { ContextCarrier } from './carrier.js';
import { WorkFrame } from './chain.js';
import type { Framed } from './chain.js';
import type { DrainEnd, Lanes } from './drain.js';
import { runDrain } from './drain.js';
import { label } from './errors.js';
import { intercepted } from './interceptors.js';
import type { Linked } from './live-operations.js';
import { OperationDetails } from './operation-details.js';
import type { CutShort } from './operation-details.js';
import { OperationSignal } from './operation-signal.js';
import { fulfilled, rejected } from './outcome.js';
import type { Outcome } from './outcome.js';
import { cuts, outcomeOfWay, promote } from './promotion.js';
import type { OperationReport } from './report.js';
import { callNow, RunScope } from './run-scope.js';
import { arePlain, DEFAULTS, requireFunction } from './settings.js';
import type { OperationSettings } from './settings.js';
import type {
  Deferred,
  DeferOptions,
  JobQueue,
  Operation,
  OperationState,
  Work,
  Interceptor,
} from './surface.js';
import type { TaskCore, TaskHost } from './task.js';
import type { QueueScope, WorkQueue } from './work-queue.js';
import type { WorkEntry, WorkHome, WorkScope } from './work.js';

/** What the carrier carries: an operation, a task, a running work, or a `run` of an open operation. @internal */
export type Scope = Framed<OperationCore, TaskCore<OperationCore>>;

/** The works of an operation, while nothing more is asked than to run them. @internal */
export interface Plain {
  readonly home: WorkHome | undefined;
  readonly running: WorkEntry | undefined;
  append(work: WorkEntry): void;
  end(): unknown;
  handOver(boundary: BoundaryDrain): void;
}

/** What an operation needs of the runtime that it was opened by. @internal */
export interface OperationEngine {
  readonly carrier: ContextCarrier;
  /** What goes around functions, if there is anything. */
  readonly interceptors: ReadonlySet<Interceptor> | undefined;
  /** The lanes for so many works at once. */
  lanes(concurrency: number | JobQueue): Lanes;
  /** The works of an operation of which nothing more is asked than to run them. */
  plainRun(operation: OperationCore): Plain;
  /** Only named, so that it and what it calls are left out of a stack. */
  readonly withOperation: (...args: never[]) => unknown;
  opened(operation: OperationCore): void;
  ended(operation: OperationCore): void;
  deferTo(operation: OperationCore, run: unknown, options: unknown, above: unknown): Deferred;
  useIn<R>(operation: OperationCore, resource: R): R;
  flushOf(operation: OperationCore): Promise<number>;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

let opened = 0;

/**
 * An operation: how it stands, what it waits for, and what is current inside it. Everything that not every operation
 * needs is made when it is needed; its queues and their drain are in a `BoundaryDrain`.
 * @internal
 */
export class OperationCore
  implements Operation, Scope, QueueScope, WorkHome, TaskHost, BoundaryHost, Linked<OperationCore>
{
  readonly id = ++opened;
  readonly name: string | undefined;
  settings: OperationSettings;
  readonly engine: OperationEngine;
  /** Where the operation was opened, if it is nested there. */
  readonly enclosing: Scope | undefined;
  /** Whether every work needs a frame, so that a work is known by its context. */
  readonly isFramed: boolean;
  state: OperationState = 'open';
  pending = 0;
  /** How many works were registered. */
  registered = 0;
  /** Where a work without options may be put with no questions asked. */
  unquestioned: Plain | WorkQueue | undefined;
  /** Tasks, nested operations, joined functions, flushes and pending runs. */
  active = 0;
  /** When its function settled, in cuts of the process; 0 until then. */
  settledAt = 0;
  before: OperationCore | undefined;
  after: OperationCore | undefined;
  /** Its works, while nothing more is asked than to run them. */
  plain: Plain | undefined;
  /** Whether its function has fulfilled, once it has settled. */
  #isFulfilled: boolean | undefined;
  #result: unknown = undefined;
  #boundary: BoundaryDrain | undefined;
  #details: OperationDetails | undefined;

  constructor(
    engine: OperationEngine,
    name: string | undefined,
    settings: OperationSettings,
    enclosing: Scope | undefined,
    isFramed = settings.concurrency !== 1,
  ) {
    this.engine = engine;
    this.name = name;
    this.settings = settings;
    this.enclosing = enclosing;
    this.isFramed = isFramed;
    engine.opened(this);
    if (enclosing !== undefined) {
      enclosing.operation.active++;
      // Which of the two was first to abort can only be told by who follows both.
      if (settings.signal !== undefined) void this.signals.signal;
    }
    if (heard(operationOpen)) publish(operationOpen, { operation: this });
  }

  // What users see.

  get parent(): OperationCore | undefined {
    return this.enclosing?.operation;
  }

  get root(): OperationCore {
    let root: OperationCore = this;
    while (root.enclosing !== undefined) root = root.enclosing.operation;
    return root;
  }

  get signal(): AbortSignal {
    return this.signals.signal;
  }

  run<R>(fn: () => R): R {
    requireFunction(fn, 'fn');
    const { carrier } = this.engine;
    const from = carrier.get() as Scope | undefined;
    const link = this.linkOf(from);
    const place = this.placeFor(from);
    const scope =
      link === undefined && place === undefined ? this : new RunScope(this, link, place, undefined);
    return carrier.run(scope, callNow<R>, fn, undefined);
  }

  bind<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R {
    requireFunction(fn, 'fn');
    const operation = this;
    return function (this: unknown, ...args: Args): R {
      return operation.run(() => fn.apply(this, args));
    };
  }

  defer<D = undefined>(run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred {
    // oxlint-disable-next-line typescript/unbound-method -- only named, so that it is left out of a stack
    return this.engine.deferTo(this, run, options, this.defer);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R {
    return this.engine.useIn(this, resource);
  }

  flush(): Promise<number> {
    return this.engine.flushOf(this);
  }

  get title(): string {
    return label('operation', this);
  }

  [inspect](): string {
    return `Operation(${this.name === undefined ? '' : `"${this.name}" `}#${this.id}, ${this.state}, ${this.pending} pending)`;
  }

  // The home of works of a plain run.

  get kind(): 'own' {
    return 'own';
  }

  get scope(): this {
    return this;
  }

  // The scope that the carrier carries while the operation's own code runs.

  get operation(): this {
    return this;
  }

  get task(): undefined {
    return undefined;
  }

  get frame(): undefined {
    return undefined;
  }

  /**
   * The running work in which `from` is: known by context in works of a chain, by who is running in the others (G8).
   * A nested operation starts chains of its own.
   */
  linkOf(from: Scope | undefined): Scope['frame'] {
    if (from === undefined || from.operation !== this) return undefined;
    if (from.frame !== undefined) return from.frame;
    const running = from.task?.drain?.running ?? this.#boundary?.running ?? this.plain?.running;
    if (this.isFramed || running === undefined || running.isResource) return undefined;
    const frame = running.details?.frame as Scope['frame'];
    return frame ?? new WorkFrame(running.home.scope as Scope, running.name, undefined);
  }

  /**
   * The running work in which `from` is, however deep, if it has a lane in a queue that others share: what is waited for
   * in the work has to do with that lane, since it could wait for another for ever (G11).
   */
  placeFor(from: Scope | undefined): Scope['frame'] {
    if (typeof this.settings.concurrency === 'number') return undefined;
    for (let scope = from; scope !== undefined; scope = scope.operation.enclosing) {
      const place = scope.place ?? scope.frame;
      if (scope.operation === this && place?.live && place.hasLane) return place;
    }
    return undefined;
  }

  // Outcome and cancellation.

  get outcome(): Outcome | undefined {
    if (this.#isFulfilled === undefined) return undefined;
    return (this.#needDetails().outcome ??= this.#isFulfilled
      ? fulfilled(this.#result)
      : rejected(this.#result));
  }

  get rejected(): boolean {
    return this.#isFulfilled === false;
  }

  /** With what the function fulfilled, until that is told, or rejected. */
  get result(): unknown {
    return this.#result;
  }

  /** When it was ended before its time, in cuts of the process; 0 while that has not happened. */
  get cutAt(): number {
    return this.#details === undefined ? 0 : this.#details.cutAt;
  }

  get wasCut(): boolean {
    return this.cutAt > 0;
  }

  /** How it was ended before its time, until that has been told. */
  get cut(): CutShort | undefined {
    return this.#details?.cut;
  }

  cutWith(cut: CutShort): void {
    this.#needDetails().cut = cut;
  }

  /** From here on it takes nothing, and is known to have been ended before its time. */
  cutOff(): void {
    this.state = 'closed';
    this.unquestioned = undefined;
    this.#needDetails().cutAt = ++cuts.sofar;
  }

  fulfilWith(value: unknown): void {
    this.#isFulfilled = true;
    this.settledAt = cuts.sofar;
    this.#result = value;
  }

  rejectWith(reason: unknown): void {
    this.#isFulfilled = false;
    this.settledAt = cuts.sofar;
    this.#result = reason;
    this.signals.abort(reason);
  }

  get signals(): OperationSignal {
    const details = this.#needDetails();
    if (details.signals === undefined) {
      details.signals = new OperationSignal(this.settings.signal, this.parent?.signals);
      if (this.state === 'closed') details.signals.release();
    }
    return details.signals;
  }

  /** Whether anything could have aborted the signal. */
  get signalled(): boolean {
    if (this.#details?.signals !== undefined || this.settings.signal !== undefined) return true;
    return this.enclosing !== undefined && this.enclosing.operation.signalled;
  }

  // What the boundary and the seal wait for.

  leave(): void {
    if (--this.active === 0 || this.state === 'draining') this.#details?.bell?.ring();
  }

  wake(): void {
    if (this.state === 'draining') this.#details?.bell?.ring();
  }

  get bell(): Bell {
    return (this.#needDetails().bell ??= new Bell());
  }

  // Queues, and what becomes of works.

  get boundary(): BoundaryDrain {
    return this.#boundary ?? this.#makeBoundary();
  }

  get account(): Account {
    return this.boundary.account;
  }

  /** `unquestioned`, found if it is not known and there is no reason against it: a plain run, or the queue where there is more to do. */
  get foundUnquestioned(): Plain | WorkQueue | undefined {
    if (this.state !== 'open') return undefined;
    const { settings } = this;
    const isPlain =
      this.#boundary === undefined &&
      !this.isFramed &&
      this.engine.interceptors === undefined &&
      arePlain(settings);
    if (isPlain) return (this.unquestioned = this.plain = this.engine.plainRun(this));
    if (settings.maxPending !== Infinity || settings.trace) return undefined;
    const { boundary } = this;
    // A flush waits for what is queued meanwhile.
    return boundary.isAlone ? (this.unquestioned = boundary.own) : undefined;
  }

  /** Whether nothing was ever registered, neither work nor resource, or nothing but the works of a plain run that is over. */
  get untouched(): boolean {
    return this.#boundary === undefined && this.plain === undefined;
  }

  /** The lanes of another drain than the one at the boundary, for a queue of which `room` works may run at once. */
  lanesFor(room: number, inPlace: boolean): Lanes {
    const { concurrency } = this.settings;
    if (typeof concurrency === 'number') return this.engine.lanes(Math.min(concurrency, room));
    return this.engine.lanes(inPlace ? 1 : concurrency);
  }

  /** Works are not simply run any more: there is something that goes around them. */
  needDrain(): void {
    if (this.plain !== undefined) void this.boundary;
  }

  /** Whether somebody asks frames if their works still run; who does not has none to end. */
  get asksWhatRuns(): boolean {
    return typeof this.settings.concurrency !== 'number';
  }

  remember(task: TaskCore<OperationCore>, context: AsyncResource): void {
    (this.#needDetails().contexts ??= new WeakMap()).set(task, context);
  }

  contextOf(task: TaskCore<OperationCore>): AsyncResource | undefined {
    return this.#details?.contexts?.get(task);
  }

  outcomeOf(work: WorkEntry): Outcome | undefined {
    const origin = work.details?.origin as OperationCore | undefined;
    return origin === undefined ? this.outcome : outcomeOfWay(origin, this);
  }

  enterWork(work: WorkEntry, scope: WorkScope): unknown {
    const { details } = work;
    const { interceptors } = this.engine;
    const action =
      interceptors === undefined || work.isResource
        ? work.action!
        : intercepted(interceptors, 'work', work.action!);
    const resource = work.resource!;
    const needsFrame = this.isFramed || (scope as Scope).frame !== undefined;
    if (details === undefined) {
      if (!needsFrame) return resource.runInAsyncScope(action, undefined, work);
      if (!this.asksWhatRuns) {
        const frame = new WorkFrame(scope as Scope, undefined, undefined);
        return resource.runInAsyncScope(enterScope, undefined, this.engine.carrier, frame, action, work);
      }
    }
    if (needsFrame || details?.parent !== undefined || details?.flushed) {
      const own = work.needDetails();
      const frame = new WorkFrame(scope as Scope, work.name, own.parent as Scope['frame'], !work.isResource);
      own.frame = frame;
      return resource.runInAsyncScope(enterScope, undefined, this.engine.carrier, frame, action, work);
    }
    if (details?.reenter) {
      return resource.runInAsyncScope(enterScope, undefined, this.engine.carrier, scope, action, work);
    }
    return resource.runInAsyncScope(action, undefined, work);
  }

  /** Without a queue it is a work of the plain run, which has another home as soon as somebody asks for the boundary. */
  cancel(work: WorkEntry, queue?: WorkQueue): void {
    if (queue === undefined) {
      void this.boundary;
      work.home.cancel(work);
      return;
    }
    queue.remove(work);
    void this.account.drop(work, 'cancelled');
    this.boundary.left(queue);
  }

  report(): OperationReport {
    return (
      this.#details?.lastReport ??
      this.account.report(this.id, this.name, this.rejected ? 'failure' : 'success', this.registered)
    );
  }

  // The end.

  /** Runs what is queued. Returns whether nothing is left to run or to wait for; if there is, `end` is told later. */
  drain(end: DrainEnd): boolean {
    return this.untouched || this.cut !== undefined || runDrain(this.boundary, end);
  }

  /** Hands the works that wait for the root to the root. Returns whether there were any. */
  promote(): boolean {
    if (this.#boundary === undefined || !this.#boundary.hasForRoot) return false;
    promote(this, this.#boundary.forRoot);
    return true;
  }

  /**
   * Ends it as its function fulfils, in one step, where nothing was ever registered or waited for and nobody listens. Returns whether
   * it has; where it has not, nothing has changed.
   */
  endAtOnce(): boolean {
    // One that was cut short has details.
    if (this.#boundary !== undefined || this.#details !== undefined || this.active > 0) return false;
    if (this.signalled || heard(operationBoundary) || heard(operationClose)) return false;
    this.#isFulfilled = true;
    this.settledAt = cuts.sofar;
    this.#leaveClosed();
    return true;
  }

  /** Begins the drain, as its function fulfils, where its plain run is all that is left. Returns whether it has. */
  beginPlain(value: unknown): boolean {
    if (this.active > 0 || heard(operationBoundary)) return false;
    this.fulfilWith(value);
    this.state = 'draining';
    this.unquestioned = undefined;
    return true;
  }

  /**
   * The plain run is over: seals the operation, tells that it has ended, and lets go of everything. Returns the value that its
   * function fulfilled with.
   */
  endPlain(): unknown {
    const value = this.#result;
    if (this.#details === undefined && !this.signalled && !heard(operationClose)) {
      this.#leaveClosed();
    } else {
      this.seal();
      this.depart();
      this.forget();
    }
    return value;
  }

  /** From here on the operation takes nothing, and keeps nothing but what tells how it ended. */
  seal(): void {
    this.state = 'closed';
    this.unquestioned = undefined;
    this.#letGo();
    if (this.signalled) this.signals.release();
    if (this.#details !== undefined) this.#details.contexts = undefined;
    this.#boundary?.release();
    if (heard(operationClose)) {
      publish(operationClose, { operation: this, report: this.report() });
    }
  }

  /** Who waited for the operation waits no more. */
  depart(): void {
    this.engine.ended(this);
    this.enclosing?.operation.leave();
  }

  /** Lets go of the options and the account, once who waits for the operation has been told (G25). */
  forget(): void {
    const details = this.#details;
    if (details?.cut !== undefined) {
      // What it did not wait for may still ask for a report.
      details.lastReport = this.report();
      this.account.close();
      details.cut = undefined;
    }
    this.#letGo();
    this.#boundary = this.plain = undefined;
    this.settings = DEFAULTS;
  }

  #makeBoundary(): BoundaryDrain {
    const boundary = new BoundaryDrain(this, this.engine.lanes(this.settings.concurrency));
    this.#boundary = boundary;
    const { plain } = this;
    if (plain !== undefined) {
      this.unquestioned = this.plain = undefined;
      plain.handOver(boundary);
    }
    return boundary;
  }

  /** The end of an operation that has nothing to tell to anybody. */
  #leaveClosed(): void {
    this.state = 'closed';
    this.depart();
    this.#result = this.plain = undefined;
    this.settings = DEFAULTS;
  }

  /** A value is the caller's; a reason still tells why the signal is aborted. */
  #letGo(): void {
    if (this.#isFulfilled !== true) return;
    this.#result = undefined;
    if (this.#details !== undefined) this.#details.outcome = undefined;
  }

  #needDetails(): OperationDetails {
    return (this.#details ??= new OperationDetails());
  }
}
