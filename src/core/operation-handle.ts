import type { DeferOptions, UseOptions } from '../api/options.js';
import { identityOf, requireHandle, signalJson, withoutHandle } from '../api/handles.js';
import type { Deferred, Operation, OperationState, Work } from '../api/types.js';
import { requireFunction } from '../api/validate.js';
import { deferTo } from './defer.js';
import { flush } from './flush.js';
import { checkStack } from './nesting.js';
import type { OperationCore } from './operation.js';
import { NativePromise } from './promises.js';
import { keep, readUse } from './resources.js';
import { slotOwnerOf } from './scope.js';

/** What an operation and the handle of an open one have in common. The methods act on `core`, whichever is current. */
export abstract class OperationHandle implements Operation {
  abstract readonly id: number;
  abstract readonly name: string | undefined;
  abstract readonly parent: Operation | undefined;
  abstract readonly root: Operation;
  abstract readonly state: OperationState;
  abstract readonly signal: AbortSignal;
  abstract readonly pending: number;
  protected abstract readonly core: OperationCore;

  run<R>(fn: () => R): R {
    requireHandle(this instanceof OperationHandle, 'operation', 'run');
    requireFunction(fn, 'fn');
    checkStack();
    return this.core.runInside(fn);
  }

  /** What it returns keeps what frameworks look at: `name` and `length`. */
  bind<Args extends unknown[], R>(fn: (...args: Args) => R): (...args: Args) => R {
    requireHandle(this instanceof OperationHandle, 'operation', 'bind');
    requireFunction(fn, 'fn');
    const operation = this;
    const bound = function (this: unknown, ...args: Args): R {
      return operation.run(() => fn.apply(this, args));
    };
    for (const key of ['name', 'length'] as const) {
      Object.defineProperty(bound, key, { value: fn[key], configurable: true });
    }
    return bound;
  }

  defer<D = undefined>(run: (work: Work<D>) => unknown, options?: DeferOptions<D>): Deferred {
    requireHandle(this instanceof OperationHandle, 'operation', 'defer');
    // oxlint-disable-next-line typescript/unbound-method -- it only marks where the stack of the caller begins
    return deferTo(this.core, run, options, this.defer);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R, options?: UseOptions): R {
    requireHandle(this instanceof OperationHandle, 'operation', 'use');
    const { core } = this;
    keep(core, undefined, core.runtime.scope(), readUse(resource, options));
    return resource;
  }

  flush(): Promise<number> {
    if (!(this instanceof OperationHandle)) return NativePromise.reject(withoutHandle('operation', 'flush'));
    const { core } = this;
    return flush(core, slotOwnerOf(core, core.runtime.scope()));
  }

  /** The public fields, for logs. */
  toJSON(): object {
    const { id, name, parent, root, state, pending } = this;
    const signal = signalJson(this.core.linked?.isAborted);
    return { id, name, parent: identityOf(parent), root: identityOf(root), state, signal, pending };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { id, name, state, pending } = this;
    return `Operation(${name === undefined ? '' : `"${name}" `}#${id}, ${state}, ${pending} pending)`;
  }
}
