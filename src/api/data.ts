/** Values that need no copy. */
type Primitive = string | number | bigint | boolean | null | undefined;
/** Functions and classes. */
type Callable = ((...args: never) => unknown) | (abstract new (...args: never) => unknown);

/** A view on shared memory. */
interface SharedView {
  /** The shared memory. */
  readonly buffer: SharedArrayBuffer;
}

/** What the platform copies whole, whatever its methods. */
type Native = Date | RegExp | ArrayBuffer | Blob | File | DOMException;

/** What a class adds to the one that it extends. Its fields and methods do not survive a copy. */
type Added<T, Base> = { [Key in Exclude<keyof T, keyof Base>]: Copyable<T[Key]> };

/**
 * The part of a type that survives being copied as `data` (G5): no functions, symbols, shared memory or classes with
 * methods. A class that has only fields looks like a plain object to the compiler, and is refused at the call.
 */
export type Copyable<T> = unknown extends T
  ? T
  : T extends Primitive
    ? T
    : T extends Callable | symbol | SharedArrayBuffer | SharedView
      ? never
      : T extends Native | ArrayBufferView
        ? T
        : T extends Map<infer Key, infer Value>
          ? Map<Copyable<Key>, Copyable<Value>> & Added<T, Map<Key, Value>>
          : T extends Set<infer Value>
            ? Set<Copyable<Value>> & Added<T, Set<Value>>
            : T extends Error
              ? Error & Added<T, AggregateError>
              : { [Key in keyof T]: Copyable<T[Key]> };
