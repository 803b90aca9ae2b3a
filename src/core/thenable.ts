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
