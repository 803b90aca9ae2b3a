import type { ContextCarrier } from '../api/carrier.js';
import { NoOperationError, OperationClosedError, ShuttingDownError } from '../api/errors.js';
import { invalidType, invalidUse } from '../api/invalid-argument.js';
import type { JobQueue, OperationOptions, ShutdownOptions, TaskOptions, UseOptions } from '../api/options.js';
import type { ShutdownReport } from '../api/report.js';
import type { Runtime } from '../api/runtime.js';
import {
  checkInterceptor,
  givenSettings,
  inheritedDefaults,
  operationSettings,
  savepointSettings,
  shutdownGrace,
  taskSettings,
  type OperationSettings,
} from '../api/settings.js';
import type {
  Deferred,
  Interceptor,
  OpenOperation,
  Operation,
  SettledOperation,
  Task,
} from '../api/types.js';
import { requireBody, requireFunction } from '../api/validate.js';
import { readDefer, register, runsOutside } from './defer.js';
import type { Slots } from './drain.js';
import { flush } from './flush.js';
import { runToSettled, runToValue, runUnattended, type Body } from './lifecycle.js';
import { LiveOperations } from './live-operations.js';
import { afresh, checkStack, nested } from './nesting.js';
import { OpenHandle } from './open-operation.js';
import { OperationCore } from './operation.js';
import { NativePromise, noop } from './promises.js';
import { keep, readUse } from './resources.js';
import { join, runTask, settleJoined } from './run-task.js';
import { callFunction, slotOwnerOf, type Scope } from './scope.js';
import { Shutdown } from './shutdown.js';
import { intercepted } from './slot.js';
import { TaskCore } from './task.js';
import type { Run, WorkItem, WorkOptions } from './work.js';

type NameOrOptions = string | OperationOptions | undefined;
type Conduct<R> = (operation: OperationCore, body: Body<unknown>) => Promise<R>;
type Join<R> = (from: Scope, body: Body<unknown>) => Promise<R>;

/** Makes the slots for a concurrency; `undefined` where a drain's own slot is enough. */
export type MakeSlots = (concurrency: number | JobQueue) => Slots | undefined;

/** The public functions over one carrier. They are properties, not methods: users take them off one by one. */
export class RuntimeCore implements Runtime {
  readonly carrier: ContextCarrier;
  readonly makeSlots: MakeSlots;
  readonly live = new LiveOperations();
  interceptors: Set<Interceptor> | undefined;
  /** The defaults of operations that are opened from now on. */
  #defaults: OperationSettings;
  readonly #ownDefaults: OperationSettings;
  readonly #configured = new Set<Partial<OperationSettings>>();
  #shutdown: Shutdown | undefined;

  constructor(carrier: ContextCarrier, makeSlots: MakeSlots, defaults: OperationSettings) {
    this.carrier = carrier;
    this.makeSlots = makeSlots;
    this.#defaults = this.#ownDefaults = defaults;
  }

  readonly withOperation = <T>(first: NameOrOptions | Body<T>, second?: Body<T>): Promise<T> =>
    this.#run(first, second, runToValue, join) as Promise<T>;

  readonly settleOperation = <T>(
    first: NameOrOptions | Body<T>,
    second?: Body<T>,
  ): Promise<SettledOperation<T>> =>
    this.#run(first, second, runToSettled, settleJoined) as Promise<SettledOperation<T>>;

  readonly openOperation = (nameOrOptions?: NameOrOptions): OpenOperation => {
    const around = this.#around();
    const settings = this.#settingsFor(nameOrOptions, around);
    if (settings.nesting === 'join') {
      throw invalidUse('openOperation() cannot `join`: it opens a boundary, and a joined operation has none');
    }
    const enclosing = settings.nesting === 'detached' ? undefined : around;
    this.#admit(enclosing);
    return new OpenHandle(this, settings, enclosing);
  };

  readonly withTask = <T>(
    first: string | TaskOptions | undefined | ((task: Task) => T | PromiseLike<T>),
    second?: (task: Task) => T | PromiseLike<T>,
  ): Promise<T> => {
    try {
      const isUnnamed = typeof first === 'function' && second === undefined;
      const fn = isUnnamed ? first : second;
      requireBody(fn, 'fn');
      if (!isUnnamed && typeof first !== 'string' && typeof first !== 'object') {
        throw invalidType('options', 'a name or an object', first);
      }
      const { name, concurrency } = taskSettings(
        isUnnamed ? undefined : (first as string | TaskOptions | undefined),
      );
      const from = this.#current('withTask');
      if (from.operation.state === 'closed') throw new OperationClosedError('withTask', from.operation);
      checkStack();
      const task = new TaskCore(name, concurrency, from);
      return nested(this.carrier, task, runTask<T>, task, fn as (of: Task) => T | PromiseLike<T>);
    } catch (error) {
      return NativePromise.reject(error);
    }
  };

  readonly defer = (run: unknown, options?: unknown): Deferred => {
    const settings = readDefer(run, options);
    const from = this.scope();
    if (from !== undefined && (settings === undefined || !runsOutside(from.operation, settings))) {
      return register(from.operation, from.task, from, run as Run, settings, this.defer);
    }
    if (settings?.outside !== 'run') throw new NoOperationError('defer');
    return this.runAtOnce(run as Run, settings, this.defer, from?.operation);
  };

  readonly use = <R>(resource: R, options?: UseOptions): R => {
    const use = readUse(resource, options);
    const from = this.#current('use');
    keep(from.operation, from.task, from, use);
    return resource;
  };

  readonly flush = (): Promise<number> => {
    try {
      const from = this.#current('flush');
      return flush(from.task ?? from.operation, slotOwnerOf(from.operation, from));
    } catch (error) {
      return NativePromise.reject(error);
    }
  };

  readonly runOutside = <T>(fn: () => T): T => {
    requireFunction(fn, 'fn');
    checkStack();
    return nested(this.carrier, undefined, callFunction<T>, fn, undefined);
  };

  readonly configure = (defaults: OperationOptions): (() => void) => {
    const given = givenSettings(defaults, 'defaults');
    this.#configured.add(given);
    this.#combineDefaults();
    return () => {
      if (this.#configured.delete(given)) this.#combineDefaults();
    };
  };

  readonly currentOperation = (): Operation | undefined => this.scope()?.operation;

  readonly currentTask = (): Task | undefined => this.scope()?.task;

  readonly shutdown = (options?: ShutdownOptions): Promise<ShutdownReport> => {
    try {
      const grace = shutdownGrace(options);
      return (this.#shutdown ??= new Shutdown(this.live, grace)).report;
    } catch (error) {
      return NativePromise.reject(error);
    }
  };

  readonly intercept = (interceptor: Interceptor): (() => void) => {
    checkInterceptor(interceptor);
    const all = (this.interceptors ??= new Set());
    all.add(interceptor);
    return () => {
      all.delete(interceptor);
      if (all.size === 0 && this.interceptors === all) this.interceptors = undefined;
    };
  };

  /** The scope that the caller is in. */
  scope(): Scope | undefined {
    return this.carrier.get() as Scope | undefined;
  }

  /**
   * Runs an item that no operation accepts, in an operation of its own, until `defer` returns or further (G3). `ended` is
   * the operation that it came too late for.
   */
  runAtOnce(
    run: Run,
    options: WorkOptions | undefined,
    stackTop: unknown,
    ended: OperationCore | undefined,
  ): WorkItem {
    if (options?.task && options.task.operation === ended) options.task = undefined;
    // There is nothing to limit.
    const settings = { ...this.#defaults, maxPending: Infinity, concurrency: 1, drainSignal: undefined };
    const operation = new OperationCore(this, settings, undefined);
    const start = (): WorkItem => {
      try {
        return register(operation, undefined, operation, run, options, stackTop);
      } finally {
        void runUnattended(operation, noop);
      }
    };
    return afresh(() => this.carrier.run(operation, start, undefined, undefined));
  }

  departed(operation: OperationCore): void {
    this.live.remove(operation);
    this.#shutdown?.ended();
  }

  #current(what: string): Scope {
    const from = this.scope();
    if (from === undefined) throw new NoOperationError(what);
    return from;
  }

  /** The scope that a new operation may be nested in, or join. An operation that has ended encloses nothing. */
  #around(): Scope | undefined {
    const from = this.scope();
    return from === undefined || from.operation.state === 'closed' ? undefined : from;
  }

  /** Reads the options of a new operation, given the scope around it (G17). */
  #settingsFor(nameOrOptions: unknown, around: Scope | undefined): OperationSettings {
    if (around === undefined) return operationSettings(nameOrOptions, this.#defaults);
    const defaults = inheritedDefaults(this.#defaults, around.operation.settings);
    const settings = operationSettings(nameOrOptions, defaults);
    if (settings.nesting === 'savepoint') return savepointSettings(settings);
    // A root inherits nothing.
    return settings.nesting === 'detached' ? operationSettings(nameOrOptions, this.#defaults) : settings;
  }

  #combineDefaults(): void {
    this.#defaults = Object.freeze(
      Object.assign({ ...this.#ownDefaults }, ...this.#configured) as OperationSettings,
    );
  }

  /** After `shutdown` no root is opened. What is nested in a live operation is part of what is waited for. */
  #admit(enclosing: Scope | undefined): void {
    if (this.#shutdown !== undefined && enclosing === undefined) throw new ShuttingDownError();
  }

  #run<R>(first: unknown, second: unknown, conduct: Conduct<R>, joining: Join<R>): Promise<R> {
    try {
      const isUnnamed = typeof first === 'function' && second === undefined;
      let body = (isUnnamed ? first : second) as Body<unknown>;
      requireBody(body, 'fn');
      if (typeof first === 'function' && !isUnnamed)
        throw invalidType('options', 'a name or an object', first);
      const around = this.#around();
      const isPlain = isUnnamed && around === undefined;
      const settings = isPlain ? this.#defaults : this.#settingsFor(isUnnamed ? undefined : first, around);
      const enclosing = settings.nesting === 'detached' ? undefined : around;
      this.#admit(enclosing);
      checkStack();
      if (enclosing !== undefined && settings.nesting === 'join') return joining(enclosing, body);
      if (this.interceptors !== undefined) body = intercepted(this.interceptors, 'operation', body);
      const operation = new OperationCore(this, settings, enclosing);
      return nested(this.carrier, operation, conduct, operation, body);
    } catch (error) {
      return NativePromise.reject(error);
    }
  }
}
