/**
 * The class of what async functions return, whatever the global `Promise` is now: zone.js and others replace it
 * (G26).
 */
export const NativePromise = (async () => {})().constructor as PromiseConstructor;

// oxlint-disable-next-line typescript/unbound-method -- it is called with its promise below
const { then } = NativePromise.prototype;

/** Whether subscribing to the value runs no code of the value's own, so that any context will do. */
export const isNativePromise = (value: unknown): value is Promise<unknown> =>
  value instanceof NativePromise && value.constructor === NativePromise;

/**
 * Whether the value is a promise of any realm or class, not just a thenable. A lazy thenable, such as a query builder,
 * starts when it is subscribed to, so only its reader may do that.
 */
export const isPromise = (value: unknown): value is Promise<unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof NativePromise) return true;
  const { then: own, constructor } = value as { then?: unknown; constructor?: Partial<PromiseConstructor> };
  return typeof own === 'function' && typeof constructor?.resolve === 'function' && 'reject' in constructor;
};

/**
 * Returns the promise to wait for after a user's function has returned `value`; `undefined` if there is
 * nothing to wait for. Call it in the context of that function: a lazy thenable, such as a query builder,
 * starts when it is subscribed to. `then` is read once, and a getter that throws throws here.
 */
export const pendingOf = (value: unknown): Promise<unknown> | undefined => {
  if (isNativePromise(value)) return value;
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined;
  const own: unknown = (value as { then?: unknown }).then;
  if (typeof own !== 'function') return undefined;
  return new NativePromise((resolve, reject) => {
    void (own as PromiseLike<unknown>['then']).call(value as PromiseLike<unknown>, resolve, reject);
  });
};

/** `promise.then(…)` as `await` would do it: without code of the promise's own. */
export const whenSettled = <R>(
  promise: Promise<unknown>,
  onFulfilled: (value: unknown) => R,
  onRejected: (reason: unknown) => R,
): Promise<Awaited<R>> => then.call(promise, onFulfilled, onRejected) as Promise<Awaited<R>>;

/** The same for a promise of any class. The result is of that class. */
export const follow = <R>(
  promise: Promise<unknown>,
  onFulfilled: (value: unknown) => R,
  onRejected: (reason: unknown) => R,
): Promise<Awaited<R>> =>
  (promise as unknown) instanceof NativePromise
    ? whenSettled(promise, onFulfilled, onRejected)
    : (promise.then(onFulfilled, onRejected) as Promise<Awaited<R>>);

/** Keeps the rejection of a promise that no code waits for from being unhandled. */
export const ignoreRejection = (value: unknown): void => {
  if (isPromise(value)) void value.then(noop, noop);
};

export const noop = (): void => {};

/** Lets one waiter at a time wait until another part of the engine notifies it. */
export class Notifier {
  #resolve: (() => void) | undefined;

  /**
   * Calls back after `notify`, in the context of this call. It comes one microtask later than it could, so that
   * code that continues after a task or a nested operation has settled still goes first.
   */
  wait(callback: () => void): void {
    const notified = new NativePromise<void>((resolve) => {
      this.#resolve = resolve;
    });
    void notified.then(noop).then(callback);
  }

  /** Does nothing when there is no waiter. */
  notify(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  }
}
