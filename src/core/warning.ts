/** Emits a process warning, for what would otherwise reach no code. Falls back to the console. */
export const warn = (message: string, code: string, cause?: unknown): void => {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  const warning = Object.assign(error, { name: 'DeferqueueWarning', code });
  // In a worker with an early compatibility date, `process` cannot warn.
  const { process } = globalThis as { process?: { emitWarning?(warning: Error): void } };
  if (typeof process?.emitWarning === 'function') process.emitWarning(warning);
  // oxlint-disable-next-line eslint/no-console -- there is no other channel left
  else console.warn(warning);
};
