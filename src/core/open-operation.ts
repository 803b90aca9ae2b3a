import { requireHandle, withoutHandle } from '../api/handles.js';
import { DrainInProgressError, OperationClosedError } from '../api/errors.js';
import type { OperationReport } from '../api/report.js';
import type { OperationSettings } from '../api/settings.js';
import type { OpenOperation, Operation, OperationState } from '../api/types.js';
import { closeOperation } from './lifecycle.js';
import { OperationHandle } from './operation-handle.js';
import { nested } from './nesting.js';
import { OperationCore } from './operation.js';
import { follow, isPromise, NativePromise } from './promises.js';
import type { RuntimeCore } from './runtime.js';
import { callFunction, isWithin, linkInto, slotOwnerOf, type Scope, type WorkScope } from './scope.js';

/** A `run` of an open operation, which `close` waits for. */
class TrackedRun implements Scope {
  readonly operation: OperationCore;
  readonly task = undefined;
  readonly work: WorkScope | undefined;
  readonly slotOwner: WorkScope | undefined;
  /** The run of the same operation that this one was called in. */
  readonly #outer: Scope | undefined;
  #isPending = true;

  constructor(operation: OperationCore, from: Scope | undefined) {
    this.operation = operation;
    this.work = linkInto(operation, from);
    this.slotOwner = slotOwnerOf(operation, from);
    this.#outer = from?.operation === operation ? from : undefined;
    operation.enter();
  }

  end(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.operation.leave();
  }

  /** Ends it and the runs around it: `close` was called in it, and cannot wait for them. */
  endAll(): void {
    this.end();
    if (this.#outer instanceof TrackedRun) this.#outer.endAll();
  }
}

/** An operation whose boundary is `close`. Each of its items has a scope, so that `close` knows if one calls it. */
class OpenOperationCore extends OperationCore {
  #closing: Promise<OperationReport> | undefined;

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  override runInside<R>(fn: () => R): R {
    const scope = new TrackedRun(this, this.runtime.scope());
    let isFollowed = false;
    try {
      const result = nested(this.runtime.carrier, scope, callFunction<R>, fn, undefined);
      if (!isPromise(result) || this.state === 'closed') return result;
      // The caller gets the promise that follows. If this one were only watched, its rejection would count as handled.
      const following = follow(
        result,
        (value) => {
          scope.end();
          return value;
        },
        (reason) => {
          scope.end();
          throw reason;
        },
      );
      isFollowed = true;
      return following as R;
    } finally {
      if (!isFollowed) scope.end();
    }
  }

  /** What `close` of the handle does. */
  reachBoundary(): Promise<OperationReport> {
    const from = this.runtime.scope();
    for (let scope = from; scope !== undefined; scope = scope.operation.enclosing) {
      if (scope.operation !== this) continue;
      if (scope.work !== undefined && isStillIn(scope.work, this))
        return NativePromise.reject(new DrainInProgressError('close', this));
      if (scope instanceof TrackedRun) scope.endAll();
    }
    if (this.#closing === undefined) {
      // Set before the first item runs, which may lead to code that calls close() again.
      let adopt!: (report: OperationReport | PromiseLike<OperationReport>) => void;
      let fail!: (error: unknown) => void;
      this.#closing = new NativePromise((resolve, reject) => {
        adopt = resolve;
        fail = reject;
      });
      try {
        adopt(closeOperation(this));
      } catch (error) {
        fail(error);
      }
    }
    return this.#closing;
  }
}

/** Whether an item of the operation, or of one in it, still runs. */
const isStillIn = ({ isRunning, operation: at }: WorkScope, operation: OperationCore): boolean =>
  isRunning && at.state !== 'closed' && isWithin(at, operation);

/** What `openOperation` returns. The operation that `currentOperation()` returns inside it cannot be closed. */
export class OpenHandle extends OperationHandle implements OpenOperation {
  protected readonly core: OpenOperationCore;

  constructor(runtime: RuntimeCore, settings: OperationSettings, enclosing: Scope | undefined) {
    super();
    this.core = new OpenOperationCore(runtime, settings, enclosing, true);
  }

  get id(): number {
    return this.core.id;
  }

  get name(): string | undefined {
    return this.core.name;
  }

  get parent(): Operation | undefined {
    return this.core.parent;
  }

  get root(): Operation {
    return this.core.parent === undefined ? this : this.core.root;
  }

  get state(): OperationState {
    return this.core.state;
  }

  get signal(): AbortSignal {
    return this.core.signal;
  }

  get pending(): number {
    return this.core.pending;
  }

  fail(reason: unknown): void {
    requireHandle(this instanceof OpenHandle, 'operation', 'fail');
    const core = this.core;
    if (core.isRejected) return;
    // One that was terminated keeps the reason for the caller of `close`.
    const isOpen = core.state === 'open' || (core.termination !== undefined && !core.isClosing);
    if (!isOpen) throw new OperationClosedError('fail', core);
    core.reject(reason);
  }

  close(): Promise<OperationReport> {
    if (!(this instanceof OpenHandle)) return NativePromise.reject(withoutHandle('operation', 'close'));
    return this.core.reachBoundary();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    requireHandle(this instanceof OpenHandle, 'operation', 'close');
    await this.core.reachBoundary();
  }
}
