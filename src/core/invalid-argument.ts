const CODE = 'ERR_DEFERQUEUE_INVALID_ARGUMENT';

/** A value as an argument error shows it: short, and with its type. */
const show = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return `${JSON.stringify(value)} (string)`;
  if (typeof value === 'function') return `${value.name || 'anonymous'} (function)`;
  if (typeof value === 'object') {
    const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor
      ?.name;
    return `an instance of ${name || 'Object'}`;
  }
  return `${String(value)} (${typeof value})`;
};

const coded = <E extends Error>(error: E): E & { code: typeof CODE } =>
  Object.assign(error, { code: CODE } as const);

/** @internal */
export const invalidType = (what: string, expected: string, got: unknown): TypeError =>
  coded(new TypeError(`Expected \`${what}\` to be ${expected}, got ${show(got)}`));

/** @internal */
export const invalidRange = (what: string, expected: string, got: unknown): RangeError =>
  coded(new RangeError(`Expected \`${what}\` to be ${expected}, got ${show(got)}`));

/** @internal An argument that is wrong by itself or beside another: the sentence says what to do. */
export const invalidUse = (sentence: string): TypeError => coded(new TypeError(sentence));
