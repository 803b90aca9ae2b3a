import type { ContextCarrier } from '../api/carrier.js';
import { invalidType } from '../api/invalid-argument.js';

/** What the carrier uses of a cls-hooked namespace. */
export interface ClsNamespace {
  /** The innermost entered context; `null` outside all contexts. */
  readonly active: unknown;
  /** Creates a context inside the active one, without entering it. */
  createContext(): unknown;
  /** Makes the context the active one. */
  enter(context: never): void;
  /** Makes the previous context the active one again. */
  exit(context: never): void;
}

type Context = Record<symbol, unknown>;

/** How many contexts may be nested before a new one is flattened. */
const MAX_DEPTH = 32;

/** The nesting depth of a context, counted in contexts of this carrier. */
const DEPTH = Symbol('deferqueue.depth');

/**
 * Carries the current operation in a cls-hooked namespace, next to the values of the namespace. For
 * applications that still use one and bind their callbacks with `namespace.bind` or `bindEmitter`.
 *
 * Inside an operation the namespace has a context of its own, as in `namespace.run`. The context
 * inherits the values around it, and values set in it are not visible outside. The carrier leaves
 * nothing behind in the caller, on thrown errors or in later operations.
 *
 * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) if `namespace` is not a namespace.
 *
 * @example
 * const { withOperation, defer } = createRuntime({ carrier: new ClsHookedCarrier(getNamespace('app')) });
 */
export class ClsHookedCarrier implements ContextCarrier {
  readonly #namespace: ClsNamespace;
  /** Keeps the values of two carriers of one namespace apart. */
  readonly #key = Symbol('deferqueue.current');

  constructor(namespace: ClsNamespace) {
    const given = namespace as Partial<ClsNamespace> | null | undefined;
    const methods = [given?.createContext, given?.enter, given?.exit];
    if (!methods.every((method) => typeof method === 'function')) {
      throw invalidType('namespace', 'a cls-hooked namespace from createNamespace()', namespace);
    }
    this.#namespace = namespace;
  }

  get(): unknown {
    return (this.#namespace.active as Context | null | undefined)?.[this.#key];
  }

  run<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R {
    const namespace = this.#namespace;
    let context = namespace.createContext() as Context;
    const depth = ((context[DEPTH] as number | undefined) ?? 0) + 1;
    if (depth > MAX_DEPTH) context = flattened(context);
    context[DEPTH] = depth > MAX_DEPTH ? 1 : depth;
    context[this.#key] = value;
    // Not `namespace.run`: it sets a property on what is thrown. That fails for a string, and on an
    // error it keeps the context alive.
    namespace.enter(context as never);
    try {
      return fn(first, second);
    } finally {
      namespace.exit(context as never);
    }
  }
}

/**
 * Copies all values that a context inherits into a context without a prototype chain. The prototype of
 * a context is the one that it was created in. Without this, an endless chain of work that defers work
 * would keep every earlier context alive, and look through all of them.
 */
const flattened = (context: Context): Context => {
  const chain: object[] = [];
  let each: object | null = context;
  while (each !== null && each !== Object.prototype) {
    chain.push(each);
    each = Object.getPrototypeOf(each) as object | null;
  }
  return Object.assign({}, ...chain.toReversed()) as Context;
};
