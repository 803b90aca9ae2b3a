import type { AsyncResource } from 'node:async_hooks';
import { Account, enterScope } from './account.js';
import type { ContextCarrier } from './carrier.js';
import { WorkFrame } from './chain.js';
import type { Framed } from './chain.js';
import type { Drain, DrainStep } from './drain.js';
import type { LoopHold } from './loop-hold.js';
import { OperationSignal } from './operation-signal.js';
import { fulfilled, meets, rejected } from './outcome.js';
import type { Outcome } from './outcome.js';
import { promote } from './promotion.js';
import { ReadyTasks } from './ready-tasks.js';
import type { OperationReport } from './report.js';
import { callNow, RunScope } from './run-scope.js';
import { DEFAULTS, requireFunction } from './settings.js';
import type { OperationSettings } from './settings.js';
import type { Deferred, DeferOptions, Operation, OperationState, Work } from './surface.js';
import type { TaskCore, TaskHost } from './task.js';
import { WorkQueue } from './work-queue.js';
import type { QueueScope } from './work-queue.js';
import type { WorkEntry, WorkScope } from './work.js';

/** What the carrier carries: an operation, a task, a running work, or a `run` of an open operation. @internal */
export type Scope = Framed<OperationCore, TaskCore<OperationCore>>;

/** What an operation needs of the runtime that it was opened by. @internal */
export interface OperationEngine {
  readonly carrier: ContextCarrier;
  readonly step: DrainStep;
  deferTo(operation: OperationCore, run: unknown, options: unknown): Deferred;
  useIn<R>(operation: OperationCore, resource: R): R;
  flushOf(operation: OperationCore): Promise<number>;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

let opened = 0;

/**
 * An operation: its queues, what it waits for, and the account of what became of every work. As a drain it is
 * the one at its boundary. Everything that not every operation needs is made when it is needed.
 * @internal
 */
export class OperationCore implements Operation, Scope, QueueScope, TaskHost, Drain {
  readonly id = ++opened;
  readonly name: string | undefined;
  settings: OperationSettings;
  readonly engine: OperationEngine;
  /** Where the operation was opened, if it is nested there. */
  readonly enclosing: Scope | undefined;
  state: OperationState = 'open';
  pending = 0;
  /** Tasks, nested operations, joined functions, flushes and pending runs. */
  active = 0;
  running: WorkEntry | undefined = undefined;
  entered = 0;
  hold: LoopHold | undefined = undefined;
  #account: Account | undefined = undefined;
  #settled: 'fulfilled' | 'rejected' | undefined = undefined;
  #result: unknown = undefined;
  #outcome: Outcome | undefined = undefined;
  #own: WorkQueue | undefined = undefined;
  #ready: ReadyTasks<TaskCore<OperationCore>> | undefined = undefined;
  #forRoot: WorkQueue | undefined = undefined;
  #resources: WorkQueue | undefined = undefined;
  #contexts: WeakMap<TaskCore<OperationCore>, AsyncResource> | undefined = undefined;
  #stir: (() => void) | undefined = undefined;
  #signals: OperationSignal | undefined = undefined;

  constructor(
    engine: OperationEngine,
    name: string | undefined,
    settings: OperationSettings,
    enclosing: Scope | undefined,
  ) {
    this.engine = engine;
    this.name = name;
    this.settings = settings;
    this.enclosing = enclosing;
    if (enclosing !== undefined) {
      enclosing.operation.active++;
      // Which of the two was first to abort can only be told by who follows both.
      if (settings.signal !== undefined) void this.signals.signal;
    }
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
    const link = this.linkOf(carrier.get() as Scope | undefined);
    const scope = link === undefined ? this : new RunScope(this, link, undefined);
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
    return this.engine.deferTo(this, run, options);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R {
    return this.engine.useIn(this, resource);
  }

  flush(): Promise<number> {
    return this.engine.flushOf(this);
  }

  [inspect](): string {
    return `Operation(${this.name === undefined ? '' : `"${this.name}" `}#${this.id}, ${this.state}, ${this.pending} pending)`;
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
    const running = from.task?.running ?? this.running;
    if (running === undefined || running.isResource) return undefined;
    const frame = running.details?.frame as Scope['frame'];
    return frame ?? new WorkFrame(running.home.scope as Scope, running.name, undefined);
  }

  // Outcome and cancellation.

  get outcome(): Outcome | undefined {
    if (this.#settled === undefined) return undefined;
    return (this.#outcome ??=
      this.#settled === 'fulfilled' ? fulfilled(this.#result) : rejected(this.#result));
  }

  get rejected(): boolean {
    return this.#settled === 'rejected';
  }

  /** With what the function rejected. */
  get reason(): unknown {
    return this.#result;
  }

  fulfilWith(value: unknown): void {
    this.#settled = 'fulfilled';
    this.#result = value;
  }

  rejectWith(reason: unknown): void {
    this.#settled = 'rejected';
    this.#result = reason;
    this.signals.abort(reason);
  }

  get signals(): OperationSignal {
    if (this.#signals === undefined) {
      this.#signals = new OperationSignal(this.settings.signal, this.parent?.signals);
      if (this.state === 'closed') this.#signals.release();
    }
    return this.#signals;
  }

  /** Whether anything could have aborted the signal. */
  get signalled(): boolean {
    return this.#signals !== undefined || this.settings.signal !== undefined || !!this.parent?.signalled;
  }

  // What the boundary and the seal wait for.

  leave(): void {
    if (--this.active === 0 || this.state === 'draining') this.#stir?.();
  }

  wake(): void {
    if (this.state === 'draining') this.#stir?.();
  }

  /**
   * Resolves when the operation has less to wait for, or more to do. One microtask later than it could: what
   * somebody does as soon as a task or nested operation has settled still comes first.
   */
  stirred(): Promise<void> {
    const stirred = new Promise<void>((resolve) => {
      this.#stir = () => {
        this.#stir = undefined;
        resolve();
      };
    });
    return stirred.then(nothing);
  }

  // Queues.

  get own(): WorkQueue {
    return (this.#own ??= new WorkQueue(this, this, 'own', this.settings.order === 'lifo'));
  }

  /** Works of a nested operation that wait for the outermost boundary. */
  get forRoot(): WorkQueue {
    return (this.#forRoot ??= new WorkQueue(this, this, 'root'));
  }

  get resources(): WorkQueue {
    return (this.#resources ??= new WorkQueue(this, this, 'resources', true));
  }

  get account(): Account {
    return (this.#account ??= new Account(this));
  }

  /** Whether nothing was ever registered: neither work nor resource. */
  get untouched(): boolean {
    return this.#account === undefined;
  }

  /** Says that something was queued. */
  queued(queue: WorkQueue): void {
    if (queue.kind === 'task') {
      (this.#ready ??= new ReadyTasks()).add(queue.scope as TaskCore<OperationCore>);
    }
    this.wake();
  }

  remember(task: TaskCore<OperationCore>, context: AsyncResource): void {
    (this.#contexts ??= new WeakMap()).set(task, context);
  }

  contextOf(task: TaskCore<OperationCore>): AsyncResource | undefined {
    return this.#contexts?.get(task);
  }

  // The drain at the boundary.

  get more(): boolean {
    return this.#ready?.first !== undefined || !!this.#own?.size || !!this.#resources?.size;
  }

  next(): WorkEntry | undefined {
    const ready = this.#ready;
    if (ready !== undefined) {
      for (let task = ready.first; task !== undefined; task = ready.first) {
        if (task.queue.flushing) return undefined;
        const work = task.queue.take();
        if (work !== undefined) return work;
        ready.removeFirst();
      }
    }
    if (this.#own !== undefined) {
      if (this.#own.flushing) return undefined;
      const work = this.#own.peek();
      // What a promoted work goes by is known when every operation on its way here has ended.
      if (work?.details?.origin !== undefined && !onlyEnded(work.details.origin as OperationCore, this)) {
        return undefined;
      }
      if (work !== undefined) return this.#own.take();
    }
    // Whatever still runs may use the resources.
    return this.#busy ? undefined : this.#resources?.take();
  }

  rest(): PromiseLike<unknown> | undefined {
    return this.#busy ? this.stirred() : undefined;
  }

  get #busy(): boolean {
    return this.active > 0 || (this.#account !== undefined && this.#account.discarding > 0);
  }

  due(work: WorkEntry): boolean {
    return meets(work.details?.on ?? 'always', this.outcomeOf(work));
  }

  /** The outcome that a work goes by: of a promoted one, that of the innermost failure on its way here (G18). */
  outcomeOf(work: WorkEntry): Outcome | undefined {
    for (let from = work.details?.origin as OperationCore | undefined; from; from = from.parent) {
      if (from.rejected) return from.outcome;
    }
    return this.outcome;
  }

  enter(work: WorkEntry): unknown {
    // A resource belongs to the operation; its disposer sees the task that acquired it.
    const task = work.isResource ? (work.details?.task as TaskCore<OperationCore> | undefined) : undefined;
    return this.enterWork(work, task ?? work.home.scope);
  }

  /** Whether every work needs a frame, so that `close` knows a work of the operation by its context. */
  protected get framesAll(): boolean {
    return false;
  }

  enterWork(work: WorkEntry, scope: WorkScope): unknown {
    const { details, resource } = work;
    const action = work.action!;
    const within = (scope as Scope).frame;
    if (this.framesAll || within !== undefined || details?.parent !== undefined || details?.flushed) {
      const own = work.needDetails();
      const frame = new WorkFrame(scope as Scope, work.name, own.parent as Scope['frame'], !work.isResource);
      own.frame = frame;
      return resource!.runInAsyncScope(enterScope, undefined, this.engine.carrier, frame, action, work);
    }
    if (details?.reenter) {
      return resource!.runInAsyncScope(enterScope, undefined, this.engine.carrier, scope, action, work);
    }
    return resource!.runInAsyncScope(action, undefined, work);
  }

  // What becomes of works.

  ran(work: WorkEntry): void {
    this.account.ran(work);
  }

  failed(work: WorkEntry, error: unknown): void {
    this.account.fail(work, error);
  }

  skip(work: WorkEntry): PromiseLike<unknown> | undefined {
    return this.account.drop(work, 'skipped');
  }

  cancel(work: WorkEntry, queue: WorkQueue): void {
    queue.remove(work);
    this.account.dropNow(work, 'cancelled');
  }

  report(): OperationReport {
    return this.account.ledger.report(this.id, this.name, this.rejected ? 'failure' : 'success');
  }

  // The seal.

  /** Hands the works that wait for the root to the root. Returns whether there were any. */
  promote(): boolean {
    if (this.#forRoot === undefined || this.#forRoot.size === 0) return false;
    promote(this, this.#forRoot);
    return true;
  }

  /** From here on the operation takes nothing, and keeps nothing but what tells how it ended. */
  seal(): void {
    this.state = 'closed';
    if (this.#settled === 'fulfilled') this.#result = this.#outcome = undefined;
    if (this.signalled) this.signals.release();
    this.#own = this.#ready = this.#forRoot = this.#resources = this.#contexts = this.hold = undefined;
    this.enclosing?.operation.leave();
  }

  /** Lets go of the options and the account, once who waits for the operation has been told (G25). */
  forget(): void {
    this.#account = undefined;
    this.settings = DEFAULTS;
  }
}

/** Whether every operation on the way from `from` up to the root, which drains, has ended. */
const onlyEnded = (from: OperationCore, root: OperationCore): boolean => {
  for (let level: OperationCore | undefined = from; level && level !== root; level = level.parent) {
    if (level.state !== 'closed') return false;
  }
  return true;
};

const nothing = (): void => {};
