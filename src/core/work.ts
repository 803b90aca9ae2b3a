import type { AsyncResource } from 'node:async_hooks';
import { identityOf, requireHandle, signalJson } from '../api/handles.js';
import { meets, type Outcome } from '../api/outcome.js';
import type { EndState, WorkReport } from '../api/report.js';
import { DeferSettings } from '../api/settings.js';
import type { Deferred, Operation, Task, Work, WorkState } from '../api/types.js';
import { hasSubscribers, publish, workEnd } from '../observability/channels.js';
import type { Deadline } from './deadline.js';
import type { OperationCore } from './operation.js';
import type { Verdict } from './promotion.js';
import type { WorkQueue } from './queue.js';
import type { WorkScope } from './scope.js';
import { LinkedSignal, type AbortListener } from './signals.js';
import { NativePromise } from './promises.js';

export type Run = (work: Work<unknown>) => unknown;
type FinalState = Exclude<EndState, 'promoted'>;

/** What only some items have: the options of `defer`, and what was asked for later. */
export class WorkOptions extends DeferSettings {
  /** Its place among the items of a savepoint. */
  sequence = 0;
  /** Whether it is on its way into a queue. */
  isPlacing = false;
  /** Whether it was not made one with its twin, because their merge threw. */
  staysApart = false;
  /** The outcome that judges an item of `outcomeOf: 'operation'`, if that is not the root's. */
  verdict: Verdict | undefined = undefined;
  /** Whether the captured context carries another scope than the one in which the item has to run. */
  entersScope = false;
  /** The running item that deferred this one. */
  parent: WorkScope | undefined = undefined;
  /** The operation that a promoted item was registered with. */
  origin: OperationCore | undefined = undefined;
  isFlushed = false;
  /** When the item was registered and when it started, in milliseconds, if a report needs that. */
  registeredAt: number | undefined = undefined;
  startedAt: number | undefined = undefined;
  waited: number | undefined = undefined;
  took: number | undefined = undefined;
  deadline: Deadline | undefined = undefined;
  /** The promise of a disposal that is under way. */
  disposal: Promise<unknown> | undefined = undefined;
  reason: { readonly value: unknown } | undefined = undefined;
  /** The stack of the `defer` call, if it is kept. */
  trace: string | undefined = undefined;
  linked: LinkedSignal | undefined = undefined;
  settled: Promise<WorkReport> | undefined = undefined;
  resolve: ((report: WorkReport) => void) | undefined = undefined;

  /** The item has ended: keeps only what is needed to report what became of it (G25). */
  release(): void {
    this.data = this.coalesce = this.discard = this.signal = this.task = undefined;
    this.parent = this.origin = this.verdict = this.disposal = this.resolve = undefined;
    this.deadline?.clear();
    this.deadline = undefined;
    this.linked?.release();
  }
}

/** The states of an item that has started. */
const RUN: ReadonlySet<WorkState> = new Set(['running', 'ran', 'failed', 'timed-out']);

/**
 * One work item. The same object is the handle that `defer` returns, what the function receives, and an entry
 * of a queue. Its registration context is a resource of its own, which is dropped when the item has settled
 * even if the handle is kept.
 */
export class WorkItem implements Work<unknown>, Deferred, AbortListener {
  state: WorkState = 'queued';
  /** The queue that it waits in, or was taken from. */
  queue: WorkQueue;
  run: Run | undefined;
  resource: AsyncResource | undefined;
  options: WorkOptions | undefined;
  /** The next item of the queue. */
  next: WorkItem | undefined = undefined;

  constructor(queue: WorkQueue, run: Run, resource: AsyncResource, options: WorkOptions | undefined) {
    this.queue = queue;
    this.run = run;
    this.resource = resource;
    this.options = options;
  }

  get name(): string | undefined {
    return this.options?.name;
  }

  get data(): unknown {
    return this.options?.data;
  }

  get operation(): Operation {
    return this.queue.owner.operation;
  }

  get task(): Task | undefined {
    return this.queue.task;
  }

  get outcome(): Outcome | undefined {
    return this.state === 'running' && !this.options?.isFlushed ? this.queue.outcomeOf(this) : undefined;
  }

  get signal(): AbortSignal {
    return this.#ensureLinked().signal;
  }

  get settled(): Promise<WorkReport> {
    return this.#ensureSettled();
  }

  cancel(): boolean {
    requireHandle(this instanceof WorkItem, 'deferred', 'cancel');
    if (this.state !== 'queued') return false;
    const { queue } = this;
    const { operation } = queue.owner;
    if (this.options?.isPlacing) operation.ledger.registered++;
    else queue.remove(this);
    void operation.ledger.drop(this, 'cancelled');
    operation.order.removed(queue);
    operation.changed();
    return true;
  }

  /** The `signal` option aborts while the item is queued. */
  onAbort(reason: unknown): void {
    if (this.state !== 'queued') return;
    this.ensureOptions().reason = { value: reason };
    this.cancel();
  }

  /** Whether this is a resource, which is drained like an item and is not in the ledger. */
  get isResource(): boolean {
    // A resource always has options.
    return this.options !== undefined && this.queue.isOfResources;
  }

  /** Whether it has run, or can still run as far as is known. */
  canRun(): boolean {
    if (this.state !== 'queued') return RUN.has(this.state);
    const outcome = this.queue.outcomeOf(this);
    return outcome === undefined || meets(this.options?.on ?? 'always', outcome);
  }

  /** The name, else that of the function, while the item has it. */
  get title(): string | undefined {
    return nameIfAny(this.name ?? this.run?.name);
  }

  /** Names the item in messages. */
  get label(): string {
    return labelFor(this.title);
  }

  ensureOptions(): WorkOptions {
    return (this.options ??= new WorkOptions());
  }

  report(state: EndState): WorkReport {
    const { options } = this;
    const task = this.queue.task?.name;
    return Object.freeze({
      name: options?.name,
      state,
      ...(options?.reason && { reason: options.reason.value }),
      ...(task !== undefined && { task }),
      ...(options?.key !== undefined && { key: options.key }),
      ...(options?.trace !== undefined && { trace: options.trace }),
      ...(options?.waited !== undefined && { waited: options.waited }),
      ...(options?.took !== undefined && { took: options.took }),
    });
  }

  /** Notes the times for a full report, at the end of the item or of its wait in one operation. */
  takeTimes(): void {
    const { options } = this;
    if (options?.registeredAt === undefined) return;
    const { settings } = this.queue.owner.operation;
    const now = performance.now();
    const isFull = settings.report === 'full';
    const { registeredAt, startedAt } = options;
    options.waited = isFull ? Math.max(0, (startedAt ?? now) - registeredAt) : undefined;
    options.took = isFull && startedAt !== undefined ? Math.max(0, now - startedAt) : undefined;
  }

  /** Ends the item: its function, data and context are released at once (G25). */
  end(state: FinalState): void {
    const { options } = this;
    this.state = state;
    this.run = this.resource = undefined;
    if (options?.registeredAt !== undefined) this.takeTimes();
    if (options !== undefined) {
      options.resolve?.(this.report(state));
      options.release();
    }
    if (hasSubscribers(workEnd) && !this.isResource) {
      publish(workEnd, { work: this, report: this.report(state) });
    }
  }

  /** The public fields, for logs. A signal that was not asked for is not made for this. */
  toJSON(): object {
    const { name, state, data, outcome } = this;
    const [operation, task] = [identityOf(this.operation), identityOf(this.task)];
    return {
      name,
      state,
      data,
      outcome,
      signal: signalJson(this.options?.linked?.isAborted),
      operation,
      task,
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Deferred(${this.label}, ${this.state})`;
  }

  #ensureLinked(): LinkedSignal {
    const options = this.ensureOptions();
    if (options.linked !== undefined) return options.linked;
    const linked = new LinkedSignal(undefined, this.state === 'running' ? this.options?.signal : undefined);
    if (this.state === 'timed-out') linked.abort(this.options?.reason?.value);
    return (options.linked = linked);
  }

  #ensureSettled(): Promise<WorkReport> {
    const { state } = this;
    const options = this.ensureOptions();
    if (state !== 'queued' && state !== 'running')
      options.settled ??= NativePromise.resolve(this.report(state));
    return (options.settled ??= new NativePromise((resolve) => {
      options.resolve = resolve;
    }));
  }
}

export const labelFor = (title: string | undefined): string =>
  title === undefined ? '(unnamed work)' : JSON.stringify(title);

/** The `name` of a function may be anything. */
export const nameIfAny = (name: unknown): string | undefined =>
  typeof name === 'string' && name !== '' ? name : undefined;
