import type { Interceptor } from './surface.js';

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
