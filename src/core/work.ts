import type { AsyncResource } from 'node:async_hooks';
import { heard, publish, workEnd } from '../diagnostics/channels.js';
import { Cancellation } from './cancellation.js';
import type { Deadline } from './deadline.js';
import type { Follower } from './followers.js';
import type { Outcome } from './outcome.js';
import type { EndState, WorkReport } from './report.js';
import type { Deferred, DeferOptions, DiscardReason, Operation, Task, Work, WorkState } from './surface.js';

/** @internal */
export type Run = (work: Work<unknown>) => unknown;

/** Where a work belongs: what is current while it runs. @internal */
export interface WorkScope {
  readonly operation: Operation;
  readonly task: Task | undefined;
}

/**
 * The queue that a work waits in, as the work sees it.
 * @internal
 */
export interface WorkHome {
  readonly operation: Operation;
  readonly task: Task | undefined;
  readonly scope: WorkScope;
  readonly kind: 'own' | 'task' | 'end' | 'root' | 'resources';
  outcomeOf(work: WorkEntry): Outcome | undefined;
  cancel(work: WorkEntry): void;
}

/**
 * What only some works have: the options of `defer`, and what was asked for on the way.
 * @internal
 */
export class WorkDetails {
  name: string | undefined;
  data: unknown = undefined;
  on: 'success' | 'failure' | 'always' = 'always';
  until: 'task' | 'operation' | 'root' = 'operation';
  task: Task | null | undefined;
  key: unknown = undefined;
  coalesce: DeferOptions<unknown>['coalesce'] = undefined;
  discard: ((reason: DiscardReason, data: unknown) => unknown) | undefined = undefined;
  signal: AbortSignal | undefined;
  timeout: number | undefined;
  outside: 'throw' | 'run' = 'throw';

  /** Whether the captured context carries something else than the scope in which the work has to run. */
  reenter = false;
  /** The link of the chain that deferred this work. */
  parent: unknown = undefined;
  /** The operation that a promoted work comes from. */
  origin: unknown = undefined;
  flushed = false;
  /** The frame that the work runs in, if it needs one. */
  frame: { leave(): void } | undefined;
  /** When the work was entered, in milliseconds, if that may have to be told. */
  enteredAt: number | undefined;
  deadline: Deadline | undefined;
  /** Of a resource: what is awaited for its disposal. */
  disposing: PromiseLike<unknown> | undefined;
  reason: { readonly thrown: unknown } | undefined;
  /** Where it was registered, if that is kept. */
  trace: string | undefined;
  cancellation: Cancellation | undefined;
  settled: Promise<WorkReport> | undefined;
  resolve: ((report: WorkReport) => void) | undefined = undefined;

  /** The work has ended: tells who waits for it, and lets go of everything that is not needed to tell what became of it (G25). */
  end(work: WorkEntry, state: Exclude<EndState, 'promoted'>): void {
    this.data = undefined;
    this.coalesce = undefined;
    this.discard = undefined;
    this.signal = undefined;
    this.task = undefined;
    this.parent = undefined;
    this.origin = undefined;
    this.frame?.leave();
    this.frame = undefined;
    this.disposing = undefined;
    this.deadline?.clear();
    this.deadline = undefined;
    this.cancellation?.release();
    this.resolve?.(work.report(state));
    this.resolve = undefined;
  }
}

/**
 * One work: the handle that `defer` returns, what `run` receives, and the row of a queue.
 * The registration context is a resource of its own, so that it is gone when the work has settled even where
 * somebody keeps the handle.
 * @internal
 */
export class WorkEntry implements Work<unknown>, Deferred, Follower {
  state: WorkState = 'queued';
  home: WorkHome;
  action: Run | undefined;
  resource: AsyncResource | undefined;
  details: WorkDetails | undefined;
  /** The work behind it in its queue. */
  next: WorkEntry | undefined;

  constructor(home: WorkHome, action: Run, resource: AsyncResource, details: WorkDetails | undefined) {
    this.home = home;
    this.action = action;
    this.resource = resource;
    this.details = details;
  }

  get name(): string | undefined {
    return this.details?.name;
  }

  get data(): unknown {
    return this.details?.data;
  }

  get operation(): Operation {
    return this.home.operation;
  }

  get task(): Task | undefined {
    return this.home.task;
  }

  get outcome(): Outcome | undefined {
    return this.state === 'running' && !this.details?.flushed ? this.home.outcomeOf(this) : undefined;
  }

  get signal(): AbortSignal {
    const details = this.needDetails();
    if (details.cancellation === undefined) {
      const source = details.signal;
      details.cancellation = new Cancellation(source && this.state === 'running' ? [source] : []);
      if (this.state === 'timed-out') details.cancellation.abort(details.reason?.thrown);
    }
    return details.cancellation.signal;
  }

  get settled(): Promise<WorkReport> {
    const details = this.needDetails();
    if (details.settled === undefined) {
      if (this.state !== 'queued' && this.state !== 'running') {
        details.settled = Promise.resolve(this.report(this.state));
      } else {
        details.settled = new Promise((resolve) => {
          details.resolve = resolve;
        });
      }
    }
    return details.settled;
  }

  cancel(): boolean {
    if (this.state !== 'queued') return false;
    this.home.cancel(this);
    return true;
  }

  /** Hears the `signal` option while the work is queued. */
  followed(reason: unknown): void {
    if (this.state !== 'queued') return;
    this.needDetails().reason = { thrown: reason };
    this.home.cancel(this);
  }

  /** Whether this is a resource, which is drained like a work and is not in the ledger. */
  get isResource(): boolean {
    // It always has details.
    return this.details !== undefined && this.home.kind === 'resources';
  }

  /** The name to tell people: a function's own name serves where none was given, while the work has it. */
  get title(): string | undefined {
    const name: unknown = this.name ?? this.action?.name;
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  get label(): string {
    const { title } = this;
    return title === undefined ? '(unnamed work)' : JSON.stringify(title);
  }

  needDetails(): WorkDetails {
    return (this.details ??= new WorkDetails());
  }

  report(state: EndState): WorkReport {
    const details = this.details;
    const task = this.home.task?.name;
    return Object.freeze({
      name: details?.name,
      state,
      ...(details?.reason && { reason: details.reason.thrown }),
      ...(task !== undefined && { task }),
      ...(details?.key !== undefined && { key: details.key }),
      ...(details?.trace !== undefined && { trace: details.trace }),
    });
  }

  /** Ends the work: closure, data and context go at once (G25). */
  end(state: Exclude<EndState, 'promoted'>): void {
    this.state = state;
    this.action = undefined;
    this.resource = undefined;
    if (this.details !== undefined) this.details.end(this, state);
    if (heard(workEnd)) tellEnd(this, state);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Deferred(${this.label}, ${this.state})`;
  }
}

const tellEnd = (work: WorkEntry, state: Exclude<EndState, 'promoted'>): void => {
  if (!work.isResource) publish(workEnd, { work, report: work.report(state) });
};
