import { invalidUse } from './invalid-argument.js';

interface Identity {
  readonly id: number;
  readonly name: string | undefined;
}

/** The error for a method that was taken off its handle and called without it. @internal */
export const withoutHandle = (handle: string, method: string): TypeError =>
  invalidUse(
    `${method}() was called without its ${handle}. Call it as ${handle}.${method}(), or pass on ` +
      `(...args) => ${handle}.${method}(...args)`,
  );

/** @internal */
export const requireHandle = (isHandle: boolean, handle: string, method: string): void => {
  if (!isHandle) throw withoutHandle(handle, method);
};

/** What `toJSON` gives of another handle. @internal */
export const identityOf = (of: Identity | undefined): Identity | undefined =>
  of && { id: of.id, name: of.name };

/** What `toJSON` gives of a signal, which is not made for that if it was not asked for. @internal */
export const signalJson = (isAborted: boolean | undefined): { aborted: boolean } => ({
  aborted: isAborted === true,
});
