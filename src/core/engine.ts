import { runUnattended, settleAll, unwrap } from './boundary.js';
import type { Body } from './boundary.js';
import type { ContextCarrier } from './carrier.js';
import type { Lanes } from './drain.js';
import { NoOperationError, OperationClosedError, ShuttingDownError } from './errors.js';
import { flush } from './flush.js';
import { intercepted } from './interceptors.js';
import { invalidType, invalidUse } from './invalid-argument.js';
import { joined, settledJoined } from './join.js';
import { open } from './open-operation.js';
import { LiveOperations } from './live-operations.js';
import { OperationCore } from './operation.js';
import type { OperationEngine, Scope } from './operation.js';
import { PlainRun } from './plain-run.js';
import { readDefer, register } from './register.js';
import type { ShutdownReport } from './report.js';
import { disposerOf, keep } from './resource.js';
import {
  checkInterceptor,
  operationSettings,
  requireFunction,
  shutdownGrace,
  taskSettings,
} from './settings.js';
import type { OperationSettings } from './settings.js';
import { Shutdown } from './shutdown.js';
import type {
  Deferred,
  JobQueue,
  OpenOperation,
  Operation,
  OperationOptions,
  Runtime,
  SettledOperation,
  Task,
  TaskOptions,
  Interceptor,
} from './surface.js';
import { TaskCore } from './task.js';
import { conductTask } from './task-life.js';
import type { Run } from './work.js';

type NameOrOptions = string | OperationOptions | undefined;
type Conduct<R> = (operation: OperationCore, body: Body<unknown>) => Promise<R>;

/**
 * The functions of the library over one carrier and the ways to drain. They are properties, not methods: users
 * take them off a runtime one by one.
 * @internal
 */
export class Engine implements OperationEngine, Runtime {
  readonly carrier: ContextCarrier;
  readonly lanes: (concurrency: number | JobQueue) => Lanes;
  interceptors: Set<Interceptor> | undefined;
  readonly #defaults: OperationSettings;
  readonly #live = new LiveOperations<OperationCore>();
  #shutdown: Shutdown | undefined;

  constructor(
    carrier: ContextCarrier,
    lanes: (concurrency: number | JobQueue) => Lanes,
    defaults: OperationSettings,
  ) {
    this.carrier = carrier;
    this.lanes = lanes;
    this.#defaults = defaults;
  }

  readonly withOperation = <T>(first: NameOrOptions | Body<T>, second?: Body<T>): Promise<T> => {
    if (typeof first === 'function' && second === undefined) {
      const operation = this.#openWithDefaults();
      if (operation !== undefined) {
        return this.carrier.run(operation, unwrap, operation, first) as Promise<T>;
      }
    }
    return this.#conduct(first, second, unwrap, joined) as Promise<T>;
  };

  readonly settleOperation = <T>(
    first: NameOrOptions | Body<T>,
    second?: Body<T>,
  ): Promise<SettledOperation<T>> =>
    this.#conduct(first, second, settleAll, settledJoined) as Promise<SettledOperation<T>>;

  readonly openOperation = (nameOrOptions?: NameOrOptions): OpenOperation => {
    const settings = this.#settings(nameOrOptions);
    if (settings.nesting === 'join') {
      throw invalidUse('openOperation() cannot `join`: it opens a boundary, and a joined operation has none');
    }
    const enclosing = this.#enclosing(settings);
    this.#admit(enclosing);
    return open(this, settings.name, settings, enclosing);
  };

  readonly withTask = <T>(
    nameOrOptions: string | TaskOptions,
    fn: (task: Task) => T | PromiseLike<T>,
  ): Promise<T> => {
    try {
      const { name, concurrency } = taskSettings(nameOrOptions);
      requireFunction(fn, 'fn');
      const from = this.#current('withTask');
      const { operation } = from;
      if (operation.state === 'closed') throw new OperationClosedError('withTask', operation);
      const task = new TaskCore(
        name,
        concurrency,
        operation,
        operation.linkOf(from),
        operation.placeFor(from),
      );
      return this.carrier.run(task, conductTask<T>, task, fn);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  readonly defer = (run: unknown, options?: unknown): Deferred => {
    const from = this.carrier.get() as Scope | undefined;
    if (options === undefined && from !== undefined && typeof run === 'function') {
      return register(from.operation, from.task, from, run as Run, undefined, this.defer);
    }
    return this.#defer(from, run, options);
  };

  readonly use = <R>(resource: R): R => {
    const disposer = disposerOf(resource);
    const from = this.#current('use');
    keep(from.operation, from, resource, disposer);
    return resource;
  };

  readonly flush = (): Promise<number> => {
    try {
      const from = this.#current('flush');
      return flush(from.task ?? from.operation, from.operation.placeFor(from));
    } catch (error) {
      return Promise.reject(error);
    }
  };

  readonly currentOperation = (): Operation | undefined =>
    (this.carrier.get() as Scope | undefined)?.operation;

  readonly currentTask = (): Task | undefined => (this.carrier.get() as Scope | undefined)?.task;

  readonly shutdown = (options?: { grace?: number | undefined }): Promise<ShutdownReport> => {
    try {
      const grace = shutdownGrace(options);
      this.#shutdown ??= new Shutdown(this.#live, grace);
      return this.#shutdown.report;
    } catch (error) {
      return Promise.reject(error);
    }
  };

  readonly intercept = (interceptor: Interceptor): (() => void) => {
    checkInterceptor(interceptor);
    const all = (this.interceptors ??= new Set());
    all.add(interceptor);
    for (const operation of this.#live.newestFirst()) operation.needDrain();
    return () => {
      all.delete(interceptor);
      // Operations do not ask any more whether there is one.
      if (all.size === 0 && this.interceptors === all) this.interceptors = undefined;
    };
  };

  // What operations ask for themselves.

  deferTo(operation: OperationCore, run: unknown, options: unknown, above: unknown): Deferred {
    const details = readDefer(run, options);
    const from = this.carrier.get() as Scope | undefined;
    return register(operation, undefined, from, run as Run, details, above);
  }

  useIn<R>(operation: OperationCore, resource: R): R {
    const disposer = disposerOf(resource);
    keep(operation, this.carrier.get() as Scope | undefined, resource, disposer);
    return resource;
  }

  flushOf(operation: OperationCore): Promise<number> {
    return flush(operation, operation.placeFor(this.carrier.get() as Scope | undefined));
  }

  plainRun(operation: OperationCore): PlainRun {
    return new PlainRun(operation);
  }

  opened(operation: OperationCore): void {
    this.#live.add(operation);
  }

  ended(operation: OperationCore): void {
    this.#live.remove(operation);
    this.#shutdown?.ended();
  }

  #defer(from: Scope | undefined, run: unknown, options: unknown): Deferred {
    const details = readDefer(run, options);
    if (from !== undefined) {
      return register(from.operation, from.task, from, run as Run, details, this.defer);
    }
    if (details?.outside !== 'run') throw new NoOperationError('defer');
    this.#admit(undefined);

    // The work runs at once, so that there is nothing to bound.
    const settings: OperationSettings = { ...this.#defaults, maxPending: Infinity, concurrency: 1 };
    const operation = new OperationCore(this, settings.name, settings, undefined);
    const work = this.carrier.run(
      operation,
      () => register(operation, undefined, operation, run as Run, details, this.defer),
      undefined,
      undefined,
    );
    void this.carrier.run(operation, runUnattended, operation, nothing);
    return work;
  }

  #settings(nameOrOptions: NameOrOptions): OperationSettings {
    return operationSettings(nameOrOptions, this.#defaults);
  }

  #current(what: string): Scope {
    const from = this.carrier.get() as Scope | undefined;
    if (from === undefined) throw new NoOperationError(what);
    return from;
  }

  /** The scope that a new operation is nested in, or joins. One that has ended encloses nothing. */
  #enclosing(settings: OperationSettings): Scope | undefined {
    if (settings.nesting === 'detached') return undefined;
    const from = this.carrier.get() as Scope | undefined;
    return from === undefined || from.operation.state === 'closed' ? undefined : from;
  }

  /** After `shutdown` there are no new roots; what is nested in a live operation is part of what is waited for. */
  #admit(enclosing: Scope | undefined): void {
    if (this.#shutdown !== undefined && enclosing === undefined) throw new ShuttingDownError();
  }

  /**
   * Opens what most operations are: `undefined` where there is more to it than that, and `#conduct` has to look. It leaves the run to the
   * caller, where V8 has room then for the constructor of a resource, and does not have to call it.
   */
  #openWithDefaults(): OperationCore | undefined {
    if (this.interceptors !== undefined) return undefined;
    const settings = this.#defaults;
    const enclosing = this.#enclosing(settings);
    const isOther = enclosing === undefined ? this.#shutdown !== undefined : settings.nesting === 'join';
    return isOther ? undefined : new OperationCore(this, settings.name, settings, enclosing);
  }

  #conduct<R>(first: unknown, second: unknown, conduct: Conduct<R>, join: Conduct<R>): Promise<R> {
    let body = first as Body<unknown>;
    let settings = this.#defaults;
    let { name } = settings;
    if (typeof first !== 'function' || second !== undefined) {
      try {
        requireFunction(second, 'fn');
        body = second as Body<unknown>;
        if (typeof first === 'string') {
          name = first;
        } else {
          if (typeof first === 'function') throw invalidType('options', 'a name or an object', first);
          settings = this.#settings(first as NameOrOptions);
          ({ name } = settings);
        }
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const enclosing = this.#enclosing(settings);
    if (enclosing !== undefined && settings.nesting === 'join') return join(enclosing.operation, body);
    if (this.#shutdown !== undefined && enclosing === undefined) {
      return Promise.reject(new ShuttingDownError());
    }
    if (this.interceptors !== undefined) body = intercepted(this.interceptors, 'operation', body);
    const operation = new OperationCore(this, name, settings, enclosing);
    return this.carrier.run(operation, conduct, operation, body);
  }
}

const nothing = (): void => {};
