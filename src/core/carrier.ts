/**
 * What transports the current operation through async calls: a port with two methods and one that may be left out, which
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
  /**
   * May be left out. As `run`, and called in its place where the call is all that the scope of an `AsyncResource` still has to do: the end of
   * that scope takes the context back, so this need not.
   */
  runInScope?<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R;
}
