import type { ContextCarrier } from '../api/carrier.js';
import { invalidType } from '../api/invalid-argument.js';

/** What is used of a namespace of cls-hooked. */
export interface ClsNamespace {
  /** The innermost context that is entered; `null` outside of all. */
  readonly active: unknown;
  /** Makes a context inside the active one, and does not enter it. */
  createContext(): unknown;
  /** Makes a context the active one. */
  enter(context: never): void;
  /** Goes back to the context before that one. */
  exit(context: never): void;
}

type Context = Record<symbol, unknown>;

/** How many contexts may lie inside one another before a new one is made that stands alone. */
const DEEP = 32;

/** How many of this carrier's contexts one lies in. */
const DEPTH = Symbol('deferqueue.depth');

/**
 * Lets a namespace of cls-hooked transport the current operation, beside the namespace's own values: for applications
 * that still live on one, and whose callbacks are bound to it with `namespace.bind` or `bindEmitter`.
 *
 * Inside an operation the namespace has a context of its own, as in `namespace.run`: it reads what is set around it, and what is
 * set in it is not seen outside. Nothing of it stays behind: neither in the caller, nor on an error that is thrown, nor in the
 * operations that follow.
 *
 * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for what is no namespace.
 *
 * @example
 * const { withOperation, defer } = createRuntime({ carrier: new ClsHookedCarrier(getNamespace('app')) });
 */
export class ClsHookedCarrier implements ContextCarrier {
  readonly #namespace: ClsNamespace;
  /** Two carriers of one namespace do not see each other. */
  readonly #key = Symbol('deferqueue.current');

  constructor(namespace: ClsNamespace) {
    const given = namespace as Partial<ClsNamespace> | null | undefined;
    const methods = [given?.createContext, given?.enter, given?.exit];
    if (!methods.every((method) => typeof method === 'function')) {
      throw invalidType('namespace', 'a namespace of cls-hooked, as createNamespace() makes it', namespace);
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
    if (depth > DEEP) context = alone(context);
    context[DEPTH] = depth > DEEP ? 1 : depth;
    context[this.#key] = value;
    // Not `namespace.run`: it writes on what is thrown, which fails with a string and keeps the context with an error.
    namespace.enter(context as never);
    try {
      return fn(first, second);
    } finally {
      namespace.exit(context as never);
    }
  }
}

/**
 * A context with all that one reads, and no other behind it. A context has the one that it was made in as its prototype: without
 * this, works that defer works without end would keep every context that there has been, and look through all of them.
 */
const alone = (context: Context): Context => {
  const around: object[] = [];
  let each: object | null = context;
  while (each !== null && each !== Object.prototype) {
    around.push(each);
    each = Object.getPrototypeOf(each) as object | null;
  }
  return Object.assign({}, ...around.toReversed()) as Context;
};
