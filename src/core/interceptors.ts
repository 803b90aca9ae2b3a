import type { Operation, Work } from './surface.js';

/** What goes around the functions of a runtime's operations and works (see `Runtime.intercept`). */
export interface Interceptor {
  /**
   * Called in place of the function of an operation that is opened with `withOperation` or `settleOperation`, inside the operation;
   * `run` calls that function. What it returns or throws is what the function did, as far as the operation is concerned.
   */
  operation?(operation: Operation, run: () => unknown): unknown;
  /**
   * Called in place of the function of a work, in its context; `run` calls that function. What it returns, throws or rejects with
   * is what the work did: `run` may be called again for another try, and a work for which it is not called counts as run.
   */
  work?(work: Work<unknown>, run: () => unknown): unknown;
}

type Around<Subject> = Record<string, ((subject: Subject, run: () => unknown) => unknown) | undefined>;

/** A function with the interceptors around it, the first one outermost. @internal */
export const intercepted = <Subject>(
  interceptors: ReadonlySet<Interceptor>,
  kind: keyof Interceptor,
  fn: (subject: Subject) => unknown,
): ((subject: Subject) => unknown) =>
  ([...interceptors] as Around<Subject>[]).reduceRight(
    (inner, one) =>
      one[kind] === undefined ? inner : (subject) => one[kind]!(subject, () => inner(subject)),
    fn,
  );
