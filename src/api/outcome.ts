/**
 * How the function of an operation or task settled: a frozen `PromiseSettledResult`.
 * It describes the function alone; failed work does not change it (G16, G18).
 */
export type Outcome<T = unknown> = Readonly<PromiseFulfilledResult<T>> | Readonly<PromiseRejectedResult>;

/** @internal */
export const fulfilled = <T>(value: T): Outcome<T> => Object.freeze({ status: 'fulfilled', value });

/** @internal */
export const rejected = (reason: unknown): Outcome<never> => Object.freeze({ status: 'rejected', reason });

/** Whether work with this condition runs under this outcome (G16). @internal */
export const meets = (on: 'success' | 'failure' | 'always', outcome: Outcome | undefined): boolean =>
  on === 'always' || (on === 'success') === (outcome?.status === 'fulfilled');
