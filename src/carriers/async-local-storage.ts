import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextCarrier } from '../core/carrier.js';

/** The default carrier: the current operation travels in an `AsyncLocalStorage` of its own. */
export class AsyncLocalStorageCarrier implements ContextCarrier {
  readonly #storage = new AsyncLocalStorage<unknown>();

  get(): unknown {
    return this.#storage.getStore();
  }

  run<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R {
    return this.#storage.run(value, fn, first, second);
  }
}
