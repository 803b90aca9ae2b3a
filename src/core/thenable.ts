/** Whether `await` would wait for the value. Reads `then` once, so a getter that throws throws here. @internal */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== null &&
  (typeof value === 'object' || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function';

/** Whether awaiting the value later, elsewhere, runs no code of the value's own: a lazy thenable starts when awaited. @internal */
export const isPlainPromise = (value: PromiseLike<unknown>): value is Promise<unknown> =>
  value instanceof Promise && value.constructor === Promise;

/** Subscribes to a thenable in the current context, in which a lazy one thereby starts. @internal */
export const adopt = (value: PromiseLike<unknown>): Promise<unknown> =>
  new Promise((resolve, reject) => {
    value.then(resolve, reject);
  });
