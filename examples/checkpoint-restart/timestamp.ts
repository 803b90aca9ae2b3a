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
  return sign === '-' ? -magnitude : magnitude;
};

/**
 * The precision that a restored time has. A tar keeps nanoseconds, but `utimes` takes a floating point number of
 * seconds, and Node.js before 24 cuts it to microseconds: what is below them cannot be put back, so it is not compared either.
 */
export const microseconds = (ns: bigint): bigint => ns / 1000n;

/**
 * A time as the `utimes` family takes it. The half microsecond on top outweighs the error of the floating point
 * number, which could be cut to the microsecond before; a string, since Node replaces negative numbers by now.
 */
export const utimesArgument = (ns: bigint): string => {
  const us = microseconds(ns);
  const magnitude = us < 0n ? -us : us;
  return `${us < 0n ? '-' : ''}${magnitude / 1_000_000n}.${String(magnitude % 1_000_000n).padStart(6, '0')}5`;
};
