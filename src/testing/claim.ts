import { inspect, isDeepStrictEqual } from 'node:util';

/** What a contract promises does not hold. */
class ContractError extends Error {
  constructor(message: string) {
    super(message);
    Object.defineProperty(this, 'name', { value: 'ContractError' });
  }
}

/** Holds what was found to what has to be, to the letter. Not by `node:assert`, which opens the streams of the process. @internal */
export const claim = (found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return;
  throw new ContractError(`Expected ${inspect(expected)}, got ${inspect(found)}`);
};

/** What is thrown by `fn`. @internal */
export const thrownBy = (fn: () => unknown): unknown => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new ContractError('Expected an error, got none');
};

/** What a promise rejects with. @internal */
export const reasonOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const [settled] = await Promise.allSettled([promise]);
  if (settled?.status === 'rejected') return settled.reason as unknown;
  throw new ContractError('Expected a rejection, got none');
};

/** The code of an error. @internal */
export const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;
