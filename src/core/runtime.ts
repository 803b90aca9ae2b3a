import type { ContextCarrier } from '../api/carrier.js';
import { NoOperationError, OperationClosedError, ShuttingDownError } from '../api/errors.js';
import { invalidType, invalidUse } from '../api/invalid-argument.js';
import type { JobQueue, OperationOptions, ShutdownOptions, TaskOptions } from '../api/options.js';
import type { ShutdownReport } from '../api/report.js';
import type { Runtime } from '../api/runtime.js';
import {
  checkInterceptor,
  operationSettings,
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
import { requireFunction } from '../api/validate.js';
import { readDefer, register } from './defer.js';
import type { Slots } from './drain.js';
import { flush } from './flush.js';
import { runToSettled, runToValue, runUnattended, type Body } from './lifecycle.js';
import { LiveOperations } from './live-operations.js';
import { checkStack, nested } from './nesting.js';
import { OpenHandle } from './open-operation.js';
import { OperationCore } from './operation.js';
import { noop } from './promises.js';
import { disposerOf, keep } from './resources.js';
import { join, runTask, settleJoined } from './run-task.js';
import { slotOwnerOf, type Scope } from './scope.js';
import { Shutdown } from './shutdown.js';
import { intercepted } from './slot.js';
import { TaskCore } from './task.js';
import type { Run } from './work.js';

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
  readonly #defaults: OperationSettings;
  #shutdown: Shutdown | undefined;

  constructor(carrier: ContextCarrier, makeSlots: MakeSlots, defaults: OperationSettings) {
    this.carrier = carrier;
    this.makeSlots = makeSlots;
    this.#defaults = defaults;
  }

  readonly withOperation = <T>(first: NameOrOptions | Body<T>, second?: Body<T>): Promise<T> =>
    this.#run(first, second, runToValue, join) as Promise<T>;

  readonly settleOperation = <T>(
    first: NameOrOptions | Body<T>,
    second?: Body<T>,
  ): Promise<SettledOperation<T>> =>
    this.#run(first, second, runToSettled, settleJoined) as Promise<SettledOperation<T>>;

  readonly openOperation = (nameOrOptions?: NameOrOptions): OpenOperation => {
    const settings = operationSettings(nameOrOptions, this.#defaults);
    if (settings.nesting === 'join') {
      throw invalidUse('openOperation() cannot `join`: it opens a boundary, and a joined operation has none');
    }
    const enclosing = this.#enclosing(settings);
    this.#admit(enclosing);
    return new OpenHandle(this, settings, enclosing);
  };

  readonly withTask = <T>(
    nameOrOptions: string | TaskOptions,
    fn: (task: Task) => T | PromiseLike<T>,
  ): Promise<T> => {
    try {
      const { name, concurrency } = taskSettings(nameOrOptions);
      requireFunction(fn, 'fn');
      const from = this.#current('withTask');
      if (from.operation.state === 'closed') throw new OperationClosedError('withTask', from.operation);
      checkStack();
      const task = new TaskCore(name, concurrency, from);
      return nested(this.carrier, task, runTask<T>, task, fn);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  readonly defer = (run: unknown, options?: unknown): Deferred => {
    const settings = readDefer(run, options);
    const from = this.scope();
    if (from !== undefined) {
      return register(from.operation, from.task, from, run as Run, settings, this.defer);
    }
    if (settings?.outside !== 'run') throw new NoOperationError('defer');
    this.#admit(undefined);

    // The item runs at once, so that there is nothing to limit.
    const own = { ...this.#defaults, maxPending: Infinity, concurrency: 1 };
    const operation = new OperationCore(this, own, undefined);
    const start = (): Deferred => {
      try {
        return register(operation, undefined, operation, run as Run, settings, this.defer);
      } finally {
        void runUnattended(operation, noop);
      }
    };
    return this.carrier.run(operation, start, undefined, undefined);
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
      return flush(from.task ?? from.operation, slotOwnerOf(from.operation, from));
    } catch (error) {
      return Promise.reject(error);
    }
  };

  readonly currentOperation = (): Operation | undefined => this.scope()?.operation;

  readonly currentTask = (): Task | undefined => this.scope()?.task;

  readonly shutdown = (options?: ShutdownOptions): Promise<ShutdownReport> => {
    try {
      const grace = shutdownGrace(options);
      return (this.#shutdown ??= new Shutdown(this.live, grace)).report;
    } catch (error) {
      return Promise.reject(error);
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

  departed(operation: OperationCore): void {
    this.live.remove(operation);
    this.#shutdown?.ended();
  }

  #current(what: string): Scope {
    const from = this.scope();
    if (from === undefined) throw new NoOperationError(what);
    return from;
  }

  /** The scope that a new operation is nested in, or joins. An operation that has ended encloses nothing. */
  #enclosing(settings: OperationSettings): Scope | undefined {
    if (settings.nesting === 'detached') return undefined;
    const from = this.scope();
    return from === undefined || from.operation.state === 'closed' ? undefined : from;
  }

  /** After `shutdown` no root is opened. What is nested in a live operation is part of what is waited for. */
  #admit(enclosing: Scope | undefined): void {
    if (this.#shutdown !== undefined && enclosing === undefined) throw new ShuttingDownError();
  }

  #run<R>(first: unknown, second: unknown, conduct: Conduct<R>, joining: Join<R>): Promise<R> {
    try {
      let body = first as Body<unknown>;
      let settings = this.#defaults;
      if (typeof first !== 'function' || second !== undefined) {
        requireFunction(second, 'fn');
        if (typeof first === 'function') throw invalidType('options', 'a name or an object', first);
        body = second as Body<unknown>;
        settings = operationSettings(first, this.#defaults);
      }
      const enclosing = this.#enclosing(settings);
      this.#admit(enclosing);
      checkStack();
      if (enclosing !== undefined && settings.nesting === 'join') return joining(enclosing, body);
      if (this.interceptors !== undefined) body = intercepted(this.interceptors, 'operation', body);
      const operation = new OperationCore(this, settings, enclosing);
      return nested(this.carrier, operation, conduct, operation, body);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
