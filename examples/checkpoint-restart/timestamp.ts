const second = 1_000_000_000n;

/** Nanoseconds as the `mtime` record of a pax header: decimal seconds. */
export const formatPaxTime = (ns: bigint): string => {
  const magnitude = ns < 0n ? -ns : ns;
  const fraction = String(magnitude % second)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${ns < 0n ? '-' : ''}${magnitude / second}${fraction && `.${fraction}`}`;
};

export const parsePaxTime = (text: string): bigint | undefined => {
  const match = /^(-?)(\d{1,18})(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, seconds = '0', fraction = ''] = match;
  const magnitude = BigInt(seconds) * second + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  // What is below a nanosecond is cut to the earlier one, on both sides of 1970.
  const isCut = /[1-9]/.test(fraction.slice(9));
  return sign === '-' ? -magnitude - (isCut ? 1n : 0n) : magnitude;
};

/** Milliseconds that a `Date` can hold, on either side of 1970. */
const furthest = 8_640_000_000_000_000n;

export const isRepresentable = (ns: bigint): boolean => {
  const ms = ns / 1_000_000n;
  return ms >= -furthest && ms <= furthest;
};

/** A time as people read it, to the nanosecond. */
export const formatTime = (ns: bigint): string => {
  const below = ((ns % second) + second) % second;
  const date = new Date(Number((ns - below) / 1_000_000n)).toISOString();
  return date.replace('.000Z', `.${String(below).padStart(9, '0')}Z`);
};

const microsecond = 1000n;

/** The nanoseconds that Node.js makes of a floating point number of seconds, by its own formula. */
const nanoseconds = (seconds: number): bigint =>
  BigInt(Math.trunc(seconds)) * second + BigInt(Math.trunc((seconds % 1) * 1e9));

/** The neighbours of a floating point number above 0: the sum is rounded to the nearest. */
const above = (seconds: number): number => seconds + seconds * 0.7 * Number.EPSILON;
const below = (seconds: number): number => seconds - seconds * 0.7 * Number.EPSILON;

/**
 * The number of seconds to set a time with, without its sign. A tar keeps nanoseconds, but the number is a floating point
 * one, in steps of 238 ns today, and Node.js before 24 cuts it to microseconds. This is the nearest number in the
 * right microsecond, where it can be in it.
 */
const secondsFor = (magnitude: bigint): number => {
  const from = magnitude - (magnitude % microsecond);
  let seconds = Number(formatPaxTime(magnitude));
  if (nanoseconds(seconds) >= from + microsecond) seconds = below(seconds);
  while (nanoseconds(seconds) < from) seconds = above(seconds);
  return seconds;
};

/** A time as the `utimes` family takes it: a string, since Node.js takes a negative number for the current time. */
export const utimesArgument = (ns: bigint): string => (ns < 0n ? `-${secondsFor(-ns)}` : `${secondsFor(ns)}`);

/** Whether a time that was found is the one that `utimes` was asked for, in the precision of this Node.js. */
export const isAsAsked = (found: bigint, ns: bigint): boolean => {
  const asked = nanoseconds(secondsFor(ns < 0n ? -ns : ns));
  const magnitude = ns < 0n ? -found : found;
  return magnitude === asked || magnitude === asked - (asked % microsecond);
};
