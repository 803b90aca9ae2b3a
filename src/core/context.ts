import { AsyncResource, type AsyncResourceOptions } from 'node:async_hooks';

/** The defaults of Node.js. Without an object it makes one for each resource. */
const OPTIONS = { triggerAsyncId: undefined, requireManualDestroy: false } as unknown as AsyncResourceOptions;

/** Captures the caller's context: what `runInAsyncScope` of the result calls runs in it (G13). @internal */
export const captureContext = (type: string): AsyncResource => new AsyncResource(type, OPTIONS);

/** Returns the stack of the call of `stackTop`, without a head line. */
export const traceOf = (stackTop?: unknown): string => {
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, stackTop as () => void);
  // Read at once: V8 keeps what is on the stack until then (G25).
  const trace = String(holder.stack).replace(/.*\n?/, '');
  // Where calls in tail position leave no trace, as in Bun, `stackTop` may have left none.
  return trace === '' && stackTop !== undefined ? traceOf() : trace;
};
