const CODE = 'ERR_DEFERQUEUE_INVALID_ARGUMENT';

const className = (value: object): string => {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name || 'Object';
};

/** Describes a value for an argument error: short, and with its type. */
const describe = (value: unknown): string => {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'object') return `an instance of ${className(value)}`;
  let text: string;
  if (typeof value === 'string') text = JSON.stringify(value);
  else if (typeof value === 'function') text = value.name || 'anonymous';
  else text = (value as number | symbol).toString();
  return `${text} (${typeof value})`;
};

const coded = <E extends Error>(error: E): E => Object.assign(error, { code: CODE });

const expectation = (what: string, expected: string, got: unknown): string =>
  `Expected \`${what}\` to be ${expected}, got ${describe(got)}`;

/** @internal */
export const invalidType = (what: string, expected: string, got: unknown): TypeError =>
  coded(new TypeError(expectation(what, expected, got)));

/** @internal */
export const invalidRange = (what: string, expected: string, got: unknown): RangeError =>
  coded(new RangeError(expectation(what, expected, got)));

/** For an argument that is wrong by itself or together with another. The sentence says what to do. @internal */
export const invalidUse = (sentence: string): TypeError => coded(new TypeError(sentence));
