import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Context, Span } from '@opentelemetry/api';
import type { ObservedWork, Operation, Work } from '../../index.js';

/** An operation that is followed, from its opening to its end. @internal */
export interface OperationRecord {
  readonly span: Span;
  /** The context in which that is active, for what is below it. */
  readonly inside: Context;
  /** The span that was active where the operation was opened. */
  readonly around: Span | undefined;
  /** When the boundary came, by each of the clocks: that of spans, that of durations and that of the event loop. */
  boundary?: {
    readonly date: number;
    readonly at: number;
    readonly loop: EventLoopUtilization | undefined;
  };
  /** The drain's span and the context in which that is active, once a work has started there. */
  drain?: { readonly span: Span; readonly inside: Context };
}

/** A work that is followed, from its registration to its end. @internal */
export interface WorkRecord {
  /** The context of who registered it. */
  readonly registered: Context;
  /** The stack of who did, where it is kept. */
  readonly trace: string | undefined;
  /** Once it has started. */
  span?: Span;
}

/** What is followed. It is held as long as the library holds it, and not by this. @internal */
export class Records {
  readonly #operations = new WeakMap<Operation, OperationRecord>();
  readonly #works = new WeakMap<Work<unknown>, WorkRecord>();
  readonly #idle: () => void;
  #stopped = false;
  /** Operations that have not ended. */
  #live = 0;
  /** Works that have neither started nor ended. */
  queued = 0;

  /** `idle` is called once, when nothing more is to come. */
  constructor(idle: () => void) {
    this.#idle = idle;
  }

  /** Whether an operation that is opened now is to be followed: after `stop` only inside one that is. */
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
    return this.#works.get(work);
  }

  registered(work: ObservedWork, record: WorkRecord): void {
    this.#works.set(work, record);
    this.queued++;
  }

  started(record: WorkRecord, span: Span): void {
    record.span = span;
    this.queued--;
  }

  ended(work: ObservedWork, record: WorkRecord): void {
    this.#works.delete(work);
    if (record.span === undefined) this.queued--;
  }

  /** Follows what is open to its end, and nothing else. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#settle();
  }

  #settle(): void {
    if (this.#stopped && this.#live === 0) this.#idle();
  }
}
