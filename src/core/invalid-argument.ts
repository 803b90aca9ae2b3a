const CODE = 'ERR_DEFERQUEUE_INVALID_ARGUMENT';

/** A value as an argument error shows it: short, and with its type. */
const show = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return `${JSON.stringify(value)} (string)`;
    case 'number':
    case 'bigint':
    case 'boolean':
      return `${value} (${typeof value})`;
    case 'symbol':
      return `${value.toString()} (symbol)`;
    case 'function':
      return `${value.name || 'anonymous'} (function)`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return value === null ? 'null' : `an instance of ${className(value)}`;
    default:
      return typeof value;
  }
};

const className = (value: object): string => {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name || 'Object';
};

const coded = <E extends Error>(error: E): E => Object.assign(error, { code: CODE });

/** @internal */
export const invalidType = (what: string, expected: string, got: unknown): TypeError =>
  coded(new TypeError(`Expected \`${what}\` to be ${expected}, got ${show(got)}`));

/** @internal */
export const invalidRange = (what: string, expected: string, got: unknown): RangeError =>
  coded(new RangeError(`Expected \`${what}\` to be ${expected}, got ${show(got)}`));

/** @internal An argument that is wrong by itself or beside another: the sentence says what to do. */
export const invalidUse = (sentence: string): TypeError => coded(new TypeError(sentence));
