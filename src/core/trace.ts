/** The stack of the call of `above`, without a head line. @internal */
export const traceOf = (above?: unknown): string => {
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, above as () => void);
  // Read at once: V8 keeps what is on the stack until then (G25).
  const trace = String(holder.stack).replace(/.*\n?/, '');
  // Where calls in tail position leave no trace, as in Bun, `above` may have left none.
  return trace === '' && above !== undefined ? traceOf() : trace;
};
