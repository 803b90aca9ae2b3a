import { DrainInProgressError, OperationClosedError } from '../api/errors.js';
import type { DeferOptions } from '../api/options.js';
import type { OperationReport } from '../api/report.js';
import type { OperationSettings } from '../api/settings.js';
import type { Deferred, OpenOperation, Operation, OperationState, Work } from '../api/types.js';
import { requireFunction } from '../api/validate.js';
import { deferTo } from './defer.js';
import { closeOperation } from './lifecycle.js';
import { OperationCore } from './operation.js';
import { whenSettled } from './promises.js';
import type { RuntimeCore } from './runtime.js';
import { callFunction, callingWork, slotOwnerOf, type Scope, type WorkScope } from './scope.js';

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
    this.work = callingWork(operation, from);
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

  override run<R>(fn: () => R): R {
    requireFunction(fn, 'fn');
    const { carrier } = this.runtime;
    const scope = new TrackedRun(this, this.runtime.scope());
    let result: R;
    try {
      result = carrier.run(scope, callFunction<R>, fn, undefined);
    } catch (error) {
      scope.end();
      throw error;
    }
    if (!(result instanceof Promise) || this.state === 'closed') {
      scope.end();
      return result;
    }
    // The caller gets the promise that follows. If this one were only watched, its rejection would count as handled.
    const following = whenSettled(
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
    return following as R;
  }

  /** What `close` of the handle does. */
  reachBoundary(): Promise<OperationReport> {
    const from = this.runtime.scope();
    for (let scope = from; scope !== undefined; scope = scope.operation.enclosing) {
      if (scope.operation !== this) continue;
      if (scope.work?.isRunning) return Promise.reject(new DrainInProgressError('close', this));
      if (scope instanceof TrackedRun) scope.endAll();
    }
    if (this.#closing === undefined) {
      // Set before the first item runs, which may lead to code that calls close() again.
      let follow!: (report: OperationReport | PromiseLike<OperationReport>) => void;
      let fail!: (error: unknown) => void;
      this.#closing = new Promise((resolve, reject) => {
        follow = resolve;
        fail = reject;
      });
      try {
        follow(closeOperation(this));
      } catch (error) {
        fail(error);
      }
    }
    return this.#closing;
  }
}

/** What `openOperation` returns. The operation that `currentOperation()` returns inside it cannot be closed. */
export class OpenHandle implements OpenOperation {
  readonly #core: OpenOperationCore;

  constructor(runtime: RuntimeCore, settings: OperationSettings, enclosing: Scope | undefined) {
    this.#core = new OpenOperationCore(runtime, settings, enclosing, true);
  }

  get id(): number {
    return this.#core.id;
  }

  get name(): string | undefined {
    return this.#core.name;
  }

  get parent(): Operation | undefined {
    return this.#core.parent;
  }

  get root(): Operation {
    return this.#core.parent === undefined ? this : this.#core.root;
  }

  get state(): OperationState {
    return this.#core.state;
  }

  get signal(): AbortSignal {
    return this.#core.signal;
  }

  get pending(): number {
    return this.#core.pending;
  }

  run<R>(fn: () => R): R {
    return this.#core.run(fn);
  }

  bind<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R {
    return this.#core.bind(fn);
  }

  defer<D = undefined>(run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred {
    // oxlint-disable-next-line typescript/unbound-method -- it only marks where the stack of the caller begins
    return deferTo(this.#core, run, options, this.defer);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R {
    return this.#core.use(resource);
  }

  flush(): Promise<number> {
    return this.#core.flush();
  }

  fail(reason: unknown): void {
    const core = this.#core;
    if (core.isRejected) return;
    // One that was terminated keeps the reason for the caller of `close`.
    const isOpen = core.state === 'open' || (core.termination !== undefined && !core.isClosing);
    if (!isOpen) throw new OperationClosedError('fail', core);
    core.reject(reason);
  }

  close(): Promise<OperationReport> {
    return this.#core.reachBoundary();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return this.#core;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core.reachBoundary();
  }
}
