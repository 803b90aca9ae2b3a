import { invalidType, invalidUse } from '../api/invalid-argument.js';

/** A simulated host that calls a handler and waits for its background promises (see `fakeHost`). */
export interface FakeHost {
  /**
   * Keeps the host alive until the promise has settled. Throws a `TypeError`
   * (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) once the host has ended.
   */
  readonly waitUntil: (promise: PromiseLike<unknown>) => void;
  /** How many of the promises have not settled. */
  readonly pending: number;
  /**
   * Waits for all promises, including those added in the meantime, and ends the host. Rejects with an
   * `AggregateError` of their reasons if any of them rejected. Later calls return the same promise.
   */
  readonly end: () => Promise<void>;
}

/**
 * Simulates the host of a handler, and ends the request when the test calls `end`. Pass its `waitUntil`
 * to the code instead of the platform's.
 *
 * @example
 * const host = fakeHost();
 * const response = await handler(request, { waitUntil: host.waitUntil });
 * assert.equal(host.pending, 1);
 * await host.end();
 */
export const fakeHost = (): FakeHost => {
  const promised = new Set<Promise<void>>();
  const reasons: unknown[] = [];
  let ending: Promise<void> | undefined;
  let hasEnded = false;

  const end = async (): Promise<void> => {
    while (promised.size > 0) await Promise.all(promised);
    hasEnded = true;
    if (reasons.length > 0) {
      const what =
        reasons.length === 1 ? 'promise given to waitUntil() was' : 'promises given to waitUntil() were';
      throw new AggregateError(reasons, `${reasons.length} ${what} rejected`);
    }
  };
  return {
    get pending() {
      return promised.size;
    },
    waitUntil(promise) {
      if (typeof (promise as Partial<PromiseLike<unknown>> | null)?.then !== 'function') {
        throw invalidType('promise', 'a promise', promise);
      }
      if (hasEnded)
        throw invalidUse(
          'waitUntil() was called after the host had ended, which does not wait for the promise',
        );
      const followed: Promise<void> = Promise.resolve(promise)
        .then(
          () => undefined,
          (reason: unknown) => void reasons.push(reason),
        )
        .finally(() => promised.delete(followed));
      promised.add(followed);
    },
    end: () => (ending ??= end()),
  };
};
