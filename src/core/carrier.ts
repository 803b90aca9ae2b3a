/**
 * What transports the current operation through async calls: a port with two methods, which
 * `AsyncLocalStorage` fulfils almost as it is.
 *
 * A carrier holds one value for each async context. It never looks into it.
 */
export interface ContextCarrier {
  /** The value of the innermost `run` around the caller, or `undefined` outside every `run`. */
  get(): unknown;
  /**
   * Calls `fn(first, second)` at once and returns what it returns. During the call, and in everything async
   * that starts in it, `get()` gives `value`; after the call the caller's own value is back.
   */
  run<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R;
}
