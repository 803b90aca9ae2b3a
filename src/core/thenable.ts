/**
 * What has to be awaited for a value that a user's function returned; `undefined` if nothing. It is called in the
 * context of that function, since a lazy thenable (a query builder) starts when it is subscribed to. `then` is read once,
 * and a getter that throws throws here.
 * @internal
 */
export const pendingOf = <T>(value: T | PromiseLike<T>): Promise<T> | undefined => {
  if (isPlainPromise(value)) return value;
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined;
  const then: unknown = (value as { then?: unknown }).then;
  if (typeof then !== 'function') return undefined;
  return new Promise((resolve, reject) => {
    void (then as PromiseLike<T>['then']).call(value as PromiseLike<T>, resolve, reject);
  });
};

/** Whether awaiting the value runs no code of the value's own, so that it may be done anywhere. @internal */
export const isPlainPromise = <T>(value: T | PromiseLike<T>): value is Promise<T> =>
  value instanceof Promise && value.constructor === Promise;

// oxlint-disable-next-line typescript/unbound-method -- it is given its promise where it is called
const { then } = Promise.prototype;

/**
 * Calls one of the two when a promise of the platform has settled, as `await` would go on: with no code of the promise's own. Nothing
 * is to be done with the promise that it returns, unless the callbacks tell how it settles.
 * @internal
 */
export const whenSettled = <R>(
  pending: PromiseLike<unknown>,
  fulfilled: (value: unknown) => R,
  rejected: (reason: unknown) => R,
): Promise<Awaited<R>> => {
  // V8 has seen what it is then, and makes what `then` does part of the code that calls this.
  void pending.constructor;
  return then.call(pending, fulfilled, rejected) as Promise<Awaited<R>>;
};
