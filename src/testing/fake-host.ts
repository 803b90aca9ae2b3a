import { invalidType, invalidUse } from '../api/invalid-argument.js';

/** A host as a test plays it: what calls a handler, and keeps the process alive for what it promises (see `fakeHost`). */
export interface FakeHost {
  /** Keeps the host alive until the promise has settled. Throws once the host has ended (`ERR_DEFERQUEUE_INVALID_ARGUMENT`). */
  readonly waitUntil: (promise: PromiseLike<unknown>) => void;
  /** How many of the promises have not settled. */
  readonly pending: number;
  /**
   * The end of the response: waits for all promises, also for those that are added meanwhile, and ends the host. Rejects with an
   * `AggregateError` of what they were rejected with. A later call returns the same promise.
   */
  readonly end: () => Promise<void>;
}

/**
 * Plays the host of a handler, which ends a request when the test says so: give its `waitUntil` to the code in place of the platform's.
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
        throw invalidUse('waitUntil() was called after the host had ended: nobody waits for it any more');
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
