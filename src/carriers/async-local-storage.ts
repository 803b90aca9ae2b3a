import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextCarrier } from '../core/carrier.js';
import { newResource } from '../core/new-resource.js';

/**
 * Whether `run` of this runtime enters two contexts, the new one and then a copy of the one before, each of which takes longer than
 * all else that a call does. So it is in Node.js from 24 on.
 */
const entersTwice = (): boolean => {
  let entered = 0;
  class Counting extends AsyncLocalStorage<unknown> {
    override enterWith(value: unknown): void {
      entered++;
      super.enterWith(value);
    }
  }
  const counting = new Counting();
  counting.run(counting, () => {});
  try {
    counting.disable();
  } catch {
    // workerd does not have it, and needs it as little.
  }
  return entered > 1;
};

/** Found out with the first call: on other versions a storage that was run once has all promises of the process watched. */
let isDear: boolean | undefined;

function enter<A, B, R>(
  this: AsyncLocalStorage<unknown>,
  value: unknown,
  fn: (first: A, second: B) => R,
  first: A,
  second: B,
): R {
  this.enterWith(value);
  return fn(first, second);
}

/** The default carrier: the current operation travels in an `AsyncLocalStorage` of its own. */
export class AsyncLocalStorageCarrier implements ContextCarrier {
  readonly #storage = new AsyncLocalStorage<unknown>();

  get(): unknown {
    return this.#storage.getStore();
  }

  run<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R {
    if (!(isDear ??= entersTwice())) return this.#storage.run(value, fn, first, second);
    // The end of its scope takes the context back as it was: one is entered.
    const scope = newResource('deferqueue.scope');
    return scope.runInAsyncScope(enter<A, B, R>, this.#storage, value, fn, first, second);
  }

  runInScope<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R {
    // A class that extends this one may run in a way of its own.
    if (this.run !== AsyncLocalStorageCarrier.prototype.run) return this.run(value, fn, first, second);
    if (!(isDear ??= entersTwice())) return this.#storage.run(value, fn, first, second);
    this.#storage.enterWith(value);
    return fn(first, second);
  }
}
