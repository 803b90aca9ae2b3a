import { invalidUse } from '../api/invalid-argument.js';

/** Where a value is in the data, for messages. */
interface Path {
  readonly parent: Path | undefined;
  readonly key: unknown;
  readonly kind: 'property' | 'index' | 'entry' | 'member';
}

/** A container whose content has not been copied. */
interface Pending {
  readonly from: object;
  readonly to: object;
  readonly path: Path | undefined;
}

interface Buffers {
  isBuffer(value: unknown): boolean;
  from(bytes: ArrayBuffer): object;
  readonly prototype: object;
}

/** The constructors of ECMAScript that have a global name. */
type Constructors = Record<string, new (argument?: unknown) => object>;

const globals = globalThis as unknown as Constructors & { readonly Buffer?: Buffers };

interface Util {
  readonly types?: { readonly isProxy?: (value: unknown) => boolean };
}

const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Util | undefined } };
const isProxy = process?.getBuiltinModule?.('node:util')?.types?.isProxy;

const ERRORS = new Set(
  ['', 'Aggregate', 'Eval', 'Range', 'Reference', 'Syntax', 'Type', 'URI'].map((name) => `${name}Error`),
);

/** Classes of the platform whose instances no version of it copies. Some versions copy them as `{}`. */
const UNCOPIED = /^(Abort|Event|Form|Headers|Re[qs]|Readable|Text|Transform|URL|WebSocket|Writable)/;

/** The names of built-in classes by their prototypes, which differ from realm to realm (G26). */
const names = new WeakMap<object, string>();

// oxlint-disable-next-line typescript/unbound-method -- called with its function
const toSource = Function.prototype.toString;

/** Returns the name of the built-in class whose prototype this is; an empty string for any other object. */
const builtIn = (prototype: object): string => {
  let name = names.get(prototype);
  if (name === undefined) {
    const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    const isNative = typeof made === 'function' && /\[native code\]\s*\}$/.test(toSource.call(made));
    names.set(prototype, (name = isNative ? made.name : ''));
  }
  return name;
};
const kindOf = (value: object): string => {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return 'Object';
  const isEmpty = Object.getPrototypeOf(prototype) === null && Reflect.ownKeys(prototype).length === 0;
  return isEmpty ? 'Object' : builtIn(prototype) || errorOfNode(value);
};

/** Errors of Node.js itself have a class of their own, whose `constructor` is the built-in one. */
const errorOfNode = (value: object): string => {
  if (Object.prototype.toString.call(value) !== '[object Error]' || Object.hasOwn(value, 'constructor'))
    return '';
  const { prototype } = (value.constructor as { prototype?: object } | undefined) ?? {};
  const name = prototype === undefined ? '' : builtIn(prototype);
  return ERRORS.has(name) ? name : '';
};

/** Copies data in a loop, so that nesting is not bound by the stack. Each property is read once. */
class Copier {
  readonly #work: string;
  readonly #copies = new Map<object, object>();
  readonly #pending: Pending[] = [];

  constructor(work: string) {
    this.#work = work;
  }

  copyAll(data: object): object {
    const copy = this.#copy(data, undefined) as object;
    for (const { from, to, path } of this.#pending) this.#fill(from, to, path);
    return copy;
  }

  #copy(value: unknown, path: Path | undefined): unknown {
    // It throws for these.
    if (typeof value === 'function' || typeof value === 'symbol') return structuredClone(value);
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const copy = this.#start(value, path);
    this.#copies.set(value, copy);
    return copy;
  }

  /** Makes the copy of an object. What a container holds is copied later. */
  #start(value: object, path: Path | undefined): object {
    // No platform clones one, whatever it looks like.
    if (isProxy?.(value)) return structuredClone(value);
    if (ArrayBuffer.isView(value)) return this.#copyView(value, path);
    const kind = kindOf(value);
    let to: object;
    if (Array.isArray(value)) {
      if (kind !== 'Array') throw this.#refusal(value, path);
      to = Array.from({ length: 0 });
      (to as unknown[]).length = value.length;
    } else if (kind === 'Object') {
      to = {};
    } else if (kind === 'Map' || kind === 'Set') {
      to = new globals[kind]!();
    } else if (ERRORS.has(kind)) {
      to = copyError(value as Error, kind);
    } else {
      return this.#copyWhole(value, kind, path);
    }
    this.#pending.push({ from: value, to, path });
    return to;
  }

  #fill(from: object, to: object, parent: Path | undefined): void {
    if (to instanceof Map) {
      for (const [key, value] of from as Map<unknown, unknown>) {
        const copy = this.#copy(key, { parent, key: 'keys', kind: 'member' });
        to.set(copy, this.#copy(value, { parent, key, kind: 'entry' }));
      }
    } else if (to instanceof Set) {
      const path: Path = { parent, key: 'values', kind: 'member' };
      for (const value of from as Set<unknown>) to.add(this.#copy(value, path));
    } else if (to instanceof Error) {
      for (const key of ['cause', 'errors'])
        if (Object.hasOwn(from, key)) this.#fillOne(from, to, key, parent, false);
    } else {
      for (const key of Object.keys(from)) this.#fillOne(from, to, key, parent, true);
    }
  }

  #fillOne(from: object, to: object, key: string, parent: Path | undefined, enumerable: boolean): void {
    const value = (from as Record<string, unknown>)[key];
    const isPlain = (typeof value !== 'object' || value === null) && typeof value !== 'function';
    const path: Path | undefined = isPlain
      ? undefined
      : { parent, key, kind: Array.isArray(from) ? 'index' : 'property' };
    const copy = this.#copy(value, path);
    // A key of that name would set the prototype.
    if (enumerable && key !== '__proto__') (to as Record<string, unknown>)[key] = copy;
    else Object.defineProperty(to, key, { value: copy, writable: true, enumerable, configurable: true });
  }

  /** Copies the bytes that the view shows, not the buffer behind it. */
  #copyView(view: ArrayBufferView, path: Path | undefined): object {
    const { Buffer } = globals;
    const isBuffer = Buffer?.isBuffer(view) && Object.getPrototypeOf(view) === Buffer.prototype;
    const kind = isBuffer ? 'Uint8Array' : kindOf(view);
    const isShared = Object.prototype.toString.call(view.buffer) === '[object SharedArrayBuffer]';
    if (isShared || kind === '') throw this.#refusal(view, path, isShared);
    try {
      const { byteOffset, byteLength } = view;
      if (kind === 'DataView') return new DataView(view.buffer.slice(byteOffset, byteOffset + byteLength));
      const bytes = new globals[kind]!(view) as Uint8Array<ArrayBuffer>;
      return isBuffer ? Buffer!.from(bytes.buffer) : bytes;
    } catch {
      // Its buffer is detached.
      return structuredClone(view);
    }
  }

  /** Leaves the copy of an object that is not looked into to the platform. */
  #copyWhole(value: object, kind: string, path: Path | undefined): object {
    let copy: object;
    try {
      copy = structuredClone(value);
    } catch (error) {
      const isPlatforms = kind !== '' && !UNCOPIED.test(kind) && (error as Error).name === 'DataCloneError';
      throw isPlatforms ? error : this.#refusal(value, path);
    }
    const isShared = Object.prototype.toString.call(value) === '[object SharedArrayBuffer]';
    const isSame =
      kind === '' ? Object.getPrototypeOf(copy) === Object.getPrototypeOf(value) : kind === kindOf(copy);
    if (isShared || !isSame) throw this.#refusal(value, path, isShared);
    return copy;
  }

  #refusal(value: object, path: Path | undefined, isShared = false): TypeError {
    let where = '';
    for (let each = path; each !== undefined; each = each.parent) where = shown(each) + where;
    const { name } = (value as { constructor?: { name?: unknown } }).constructor ?? {};
    const type =
      typeof name === 'string' && name !== '' ? name : Object.prototype.toString.call(value).slice(8, -1);
    const what = isShared
      ? 'is shared memory, which a copy would still share'
      : `is an instance of ${type}, which a copy would not be`;
    return invalidUse(
      `The data of work item ${this.#work} cannot be copied: \`data${where}\` ${what}. Pass the plain values that the ` +
        'work needs, or use the object in the function itself, which may close over it',
    );
  }
}

const shown = ({ key, kind }: Path): string => {
  if (kind === 'member') return `.${String(key)}()`;
  if (kind === 'entry') return `.get(${typeof key === 'string' || typeof key === 'number' ? key : '…'})`;
  return kind === 'index' ? `[${String(key)}]` : `.${String(key)}`;
};

/** Of the fields that an error has been given, the plain ones are kept, such as the `code` of those of Node.js. */
const copyError = (error: Error, kind: string): Error => {
  const copy = new globals[kind]!(kind === 'AggregateError' ? [] : undefined) as Error;
  for (const key of ['message', 'stack'] as const) {
    const value: unknown = error[key];
    if (typeof value === 'string')
      Object.defineProperty(copy, key, { value, writable: true, configurable: true });
  }
  for (const [key, value] of Object.entries(error)) {
    if (
      (typeof value === 'object' && value !== null) ||
      typeof value === 'function' ||
      typeof value === 'symbol'
    )
      continue;
    Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return copy;
};

/**
 * Copies the data of a work item (G4, G5), as `structuredClone` would, but for three things: a view copies its own bytes
 * alone, a `Buffer` stays one, and what a copy would silently change is a `TypeError`. `work` names the item in it.
 */
export const copyOf = (data: unknown, work: string): unknown => {
  if ((typeof data !== 'object' || data === null) && typeof data !== 'function' && typeof data !== 'symbol')
    return data;
  return new Copier(work).copyAll(data as object);
};
