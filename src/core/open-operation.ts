import { closeReport } from './boundary.js';
import { DrainInProgressError, OperationClosedError } from './errors.js';
import { OperationCore } from './operation.js';
import type { OperationEngine, Scope } from './operation.js';
import type { OperationReport } from './report.js';
import { callNow, RunScope } from './run-scope.js';
import { requireFunction } from './settings.js';
import type { OperationSettings } from './settings.js';
import type { Deferred, DeferOptions, OpenOperation, Operation, OperationState, Work } from './surface.js';

/** An operation whose boundary waits for pending `run`s, and that knows its works by their context. */
class OpenOperationCore extends OperationCore {
  #closing: Promise<OperationReport> | undefined;

  constructor(
    engine: OperationEngine,
    name: string | undefined,
    settings: OperationSettings,
    enclosing: Scope | undefined,
  ) {
    super(engine, name, settings, enclosing, true);
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  override get asksWhatRuns(): boolean {
    return true;
  }

  override run<R>(fn: () => R): R {
    requireFunction(fn, 'fn');
    const from = this.engine.carrier.get() as Scope | undefined;
    const outer = from?.operation === this ? from : undefined;
    const scope = new RunScope(this, this.linkOf(from), this.placeFor(from), outer);
    // Also while it is being called: whoever closes the operation from elsewhere meanwhile waits for what it returns.
    scope.pend();
    let result: R;
    try {
      result = this.engine.carrier.run(scope, callNow<R>, fn, undefined);
    } catch (error) {
      scope.end();
      throw error;
    }
    if (!(result instanceof Promise) || this.state === 'closed') {
      scope.end();
      return result;
    }
    // The caller gets the promise that follows: if this one were only watched, its rejection would count as handled.
    const following: Promise<unknown> = result.then(
      (value: unknown) => {
        scope.end();
        return value;
      },
      (reason: unknown) => {
        scope.end();
        throw reason;
      },
    );
    return following as R;
  }

  reachBoundary(): Promise<OperationReport> {
    const from = this.engine.carrier.get() as Scope | undefined;
    for (let scope = from; scope !== undefined; scope = scope.operation.enclosing) {
      if (scope.operation !== this) continue;
      if (scope.frame?.live) return Promise.reject(new DrainInProgressError('close', this));
      if (scope instanceof RunScope) scope.endAll();
    }
    if (this.#closing === undefined) {
      // Set before the first work runs, which may lead to code that calls close() again.
      let follow!: (closing: Promise<OperationReport>) => void;
      this.#closing = new Promise((resolve) => {
        follow = resolve;
      });
      follow(this.engine.carrier.run(this, closeReport, this, repeatFailure));
    }
    return this.#closing;
  }
}

/** What an open operation has in place of a function. */
const repeatFailure = (operation: OperationCore): void => {
  if (operation.rejected) throw operation.result;
};

/** What `openOperation` returns. The operation itself, which `currentOperation` gives to everybody, cannot be closed. */
class OpenHandle implements OpenOperation {
  readonly #core: OpenOperationCore;

  constructor(core: OpenOperationCore) {
    this.#core = core;
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
    // oxlint-disable-next-line typescript/unbound-method -- only named, so that it is left out of a stack
    return this.#core.engine.deferTo(this.#core, run, options, this.defer);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R {
    return this.#core.use(resource);
  }

  flush(): Promise<number> {
    return this.#core.flush();
  }

  fail(reason: unknown): void {
    if (this.#core.rejected) return;
    // One that was cut short keeps the reason for whoever closes it.
    const isOpen = this.#core.state === 'open' || (this.#core.cut !== undefined && !this.#core.closing);
    if (!isOpen) throw new OperationClosedError('fail', this.#core);
    this.#core.rejectWith(reason);
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

/** @internal */
export const open = (
  engine: OperationEngine,
  name: string | undefined,
  settings: OperationSettings,
  enclosing: Scope | undefined,
): OpenOperation => new OpenHandle(new OpenOperationCore(engine, name, settings, enclosing));
