/**
 * Transports the current operation through async calls. `AsyncLocalStorage` fits almost as it is.
 *
 * A carrier holds one value for each async context and never looks into it.
 */
export interface ContextCarrier {
  /** Returns the value of the innermost `run` around the caller, or `undefined` outside every `run`. */
  get(): unknown;
  /**
   * Calls `fn(first, second)` at once and returns what it returns. During the call, and in everything
   * async that starts in it, `get()` returns `value`. After the call the caller's own value is back.
   */
  run<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R;
}
