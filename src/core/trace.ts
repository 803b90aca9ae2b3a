/** The stack of the call of `above`, without a head line. @internal */
export const traceOf = (above: unknown): string => {
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, above as () => void);
  // Read at once: V8 keeps what is on the stack until then (G25).
  return String(holder.stack).replace(/.*\n/, '');
};
