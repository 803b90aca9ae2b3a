import { inspect, isDeepStrictEqual } from 'node:util';

/** A rule of a contract does not hold. */
class ContractError extends Error {
  constructor(message: string) {
    super(message);
    Object.defineProperty(this, 'name', { value: 'ContractError' });
  }
}

/**
 * Throws unless both values are deeply and strictly equal. Not `node:assert`, which opens the streams
 * of the process.
 * @internal
 */
export const claim = (found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return;
  throw new ContractError(`Expected ${inspect(expected)}, got ${inspect(found)}`);
};

/** Returns what `fn` throws. @internal */
export const thrownBy = (fn: () => unknown): unknown => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new ContractError('Expected an error, got none');
};

/** Resolves with what the promise rejects with. @internal */
export const reasonOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const [settled] = await Promise.allSettled([promise]);
  if (settled?.status === 'rejected') return settled.reason as unknown;
  throw new ContractError('Expected a rejection, got none');
};

/** Returns the code of an error. @internal */
export const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;
