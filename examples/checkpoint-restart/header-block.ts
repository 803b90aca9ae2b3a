import { BrokenImage, corruptEntry, notSupported } from './broken-image.js';

export const blockSize = 512;

/** The fields of a header block that a restart needs. Owners are not restored. */
export interface HeaderBlock {
  readonly name: string;
  /** The character that says what the entry is. */
  readonly flag: string;
  readonly mode: number;
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly mtime: bigint;
  readonly linkname: string;
}

/** Reads a header block of a POSIX (ustar), a GNU or a v7 archive. */
export const readHeaderBlock = (block: Buffer): HeaderBlock => {
  const text = (start: number, length: number): string => textOf(block.subarray(start, start + length));
  if (!hasItsChecksum(block)) throw new BrokenImage('corrupt', 'a header does not have its checksum');

  let name = text(0, 100);
  const magic = block.toString('latin1', 257, 265);
  if (magic.startsWith('ustar\0')) {
    if (block.toString('latin1', 508, 512) === 'tar\0') throw notSupported(name, 'is in a format of star');
    const prefix = text(345, 155);
    if (prefix !== '') name = `${prefix}/${name}`;
  } else if (magic !== 'ustar  \0' && magic !== '\0'.repeat(8)) {
    // GNU has times where POSIX has the prefix, and v7 has neither it nor the magic.
    throw notSupported(name, `is in an unknown format (${JSON.stringify(magic)})`);
  }

  const number = (what: string, start: number, length: number): bigint => {
    const value = numberOf(block.subarray(start, start + length));
    if (value === undefined) throw corruptEntry(name, `has an unreadable ${what}`);
    return value;
  };
  const mode = number('mode', 100, 8);
  const size = number('size', 124, 12);
  if (mode < 0 || mode > 0o7777_7777n) throw corruptEntry(name, 'has an unreadable mode');
  if (size < 0 || size > Number.MAX_SAFE_INTEGER) throw corruptEntry(name, 'has an unreadable size');
  return {
    name,
    flag: String.fromCharCode(block[156] ?? 0),
    mode: Number(mode) & 0o7777,
    size: Number(size),
    mtime: number('modification time', 136, 12),
    linkname: text(157, 100),
  };
};

/** The text of a field, up to its first NUL. */
export const textOf = (field: Buffer): string => {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
};

/**
 * The number in a field: octal digits, or, as GNU and star write what needs more of them, a binary number in two's
 * complement whose first bit is set. `undefined` for anything else.
 */
const numberOf = (field: Buffer): bigint | undefined => {
  const first = field[0] ?? 0;
  if ((first & 0x80) === 0) {
    // A field of NULs is 0; one of spaces is damaged to GNU tar, so it is to us.
    const digits = /^ *([0-7]+)(?:[ \0]|$)|^\0*$/.exec(field.toString('latin1'));
    return digits === null ? undefined : BigInt(`0o${digits[1] ?? '0'}`);
  }
  const bits = BigInt(field.length * 8 - 1);
  return BigInt.asIntN(Number(bits), BigInt(`0x${field.toString('hex')}`));
};

/** Whether the bytes add up to what the block says; very old programs added them up with a sign. */
const hasItsChecksum = (block: Buffer): boolean => {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockSize; at++) {
    // The checksum itself counts as spaces.
    const byte = at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const said = numberOf(block.subarray(148, 156));
  return said === BigInt(unsigned) || said === BigInt(signed);
};
