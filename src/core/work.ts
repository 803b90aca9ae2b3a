import type { AsyncResource } from 'node:async_hooks';
import type { Outcome } from '../api/outcome.js';
import type { EndState, WorkReport } from '../api/report.js';
import { DeferSettings } from '../api/settings.js';
import type { Deferred, Operation, Task, Work, WorkState } from '../api/types.js';
import { hasSubscribers, publish, workEnd } from '../observability/channels.js';
import type { Deadline } from './deadline.js';
import type { OperationCore } from './operation.js';
import type { WorkQueue } from './queue.js';
import type { WorkScope } from './scope.js';
import { LinkedSignal, type AbortListener } from './signals.js';

export type Run = (work: Work<unknown>) => unknown;
type FinalState = Exclude<EndState, 'promoted'>;

/** What only some items have: the options of `defer`, and what was asked for later. */
export class WorkOptions extends DeferSettings {
  /** Whether the captured context carries another scope than the one in which the item has to run. */
  entersScope = false;
  /** The running item that deferred this one. */
  parent: WorkScope | undefined = undefined;
  /** The operation that an item which waits for the root was registered with. */
  origin: OperationCore | undefined = undefined;
  isFlushed = false;
  /** When the item started, in milliseconds, if a report may have to tell. */
  startedAt: number | undefined = undefined;
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
    this.parent = this.origin = this.disposal = this.resolve = undefined;
    this.deadline?.clear();
    this.deadline = undefined;
    this.linked?.release();
  }
}

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
    if (this.state !== 'queued') return false;
    const { queue } = this;
    const { operation } = queue.owner;
    queue.remove(this);
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
    return this.options !== undefined && this.queue.kind === 'resources';
  }

  /** The name, else that of the function, while the item has it. */
  get title(): string | undefined {
    return nameIfAny(this.name ?? this.run?.name);
  }

  /** Names the item in messages. */
  get label(): string {
    return this.title === undefined ? '(unnamed work)' : JSON.stringify(this.title);
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
    });
  }

  /** Ends the item: its function, data and context are released at once (G25). */
  end(state: FinalState): void {
    const { options } = this;
    this.state = state;
    this.run = this.resource = undefined;
    if (options !== undefined) {
      options.resolve?.(this.report(state));
      options.release();
    }
    if (hasSubscribers(workEnd) && !this.isResource) {
      publish(workEnd, { work: this, report: this.report(state) });
    }
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
    if (state !== 'queued' && state !== 'running') options.settled ??= Promise.resolve(this.report(state));
    return (options.settled ??= new Promise((resolve) => {
      options.resolve = resolve;
    }));
  }
}

/** The `name` of a function may be anything. */
const nameIfAny = (name: unknown): string | undefined =>
  typeof name === 'string' && name !== '' ? name : undefined;
