import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextCarrier } from '../api/carrier.js';
import { captureContext } from '../core/context.js';

/**
 * Whether `run` of this runtime enters two contexts: the new one, and then a copy of the one before. On Node.js from 24
 * on it does, and each of them takes longer than the rest of the call.
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
    // workerd does not have it, and does not need it.
  }
  return entered > 1;
};

/** Found out with the first run: on other versions a storage that was run once makes all promises be tracked. */
let isRunSlow: boolean | undefined;

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
    if (!(isRunSlow ??= entersTwice())) return this.#storage.run(value, fn, first, second);
    // The end of its scope takes the context back, so that only one is entered: 165 ns become 115 on Node.js 24.
    const scope = captureContext('deferqueue.scope');
    return scope.runInAsyncScope(enter<A, B, R>, this.#storage, value, fn, first, second);
  }
}
