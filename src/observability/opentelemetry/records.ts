import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Context, Span } from '@opentelemetry/api';
import type { ObservedWork, Operation, Work } from '../../index.js';

/** The record of an operation, from its opening to its end. @internal */
export interface OperationRecord {
  readonly span: Span;
  /** The context in which the span is active, for child spans. */
  readonly inside: Context;
  /** The span that was active when the operation was opened. */
  readonly around: Span | undefined;
  /** The time of the boundary, by three clocks: of spans, of durations and of the event loop. */
  boundary?: {
    readonly date: number;
    readonly at: number;
    readonly loop: EventLoopUtilization | undefined;
  };
  /** The drain's span and the context in which it is active, once a work item has started. */
  drain?: { readonly span: Span; readonly inside: Context };
}

/** The record of a work item, from its registration to its end. @internal */
export interface WorkRecord {
  /** The context of its registration. */
  readonly registered: Context;
  /** The stack of its registration, if the operation keeps it. */
  readonly trace: string | undefined;
  /** Set when it starts. */
  span?: Span;
}

/** The records of live operations and work items. Keeps none of them alive. @internal */
export class Records {
  readonly #operations = new WeakMap<Operation, OperationRecord>();
  readonly #items = new WeakMap<Work<unknown>, WorkRecord>();
  readonly #idle: () => void;
  #stopped = false;
  /** Operations that have not ended. */
  #live = 0;
  /** Work items that have neither started nor ended. */
  queued = 0;

  /** `idle` is called once: after `stop`, when the last operation has ended. */
  constructor(idle: () => void) {
    this.#idle = idle;
  }

  /** Whether to record an operation that opens now. After `stop`, only inside a recorded one. */
  follows(operation: Operation): boolean {
    return !this.#stopped || (operation.parent !== undefined && this.#operations.has(operation.parent));
  }

  operation(operation: Operation): OperationRecord | undefined {
    return this.#operations.get(operation);
  }

  opened(operation: Operation, record: OperationRecord): void {
    this.#operations.set(operation, record);
    this.#live++;
  }

  closed(operation: Operation): void {
    if (this.#operations.delete(operation)) this.#live--;
    this.#settle();
  }

  work(work: Work<unknown>): WorkRecord | undefined {
    return this.#items.get(work);
  }

  registered(work: ObservedWork, record: WorkRecord): void {
    this.#items.set(work, record);
    this.queued++;
  }

  started(record: WorkRecord, span: Span): void {
    record.span = span;
    this.queued--;
  }

  ended(work: ObservedWork, record: WorkRecord): void {
    this.#items.delete(work);
    if (record.span === undefined) this.queued--;
  }

  /** Records open operations to their end, and no new root operations. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#settle();
  }

  #settle(): void {
    if (this.#stopped && this.#live === 0) this.#idle();
  }
}
