/** A header block and what follows it, written by hand: also what no library writes. */
export interface Block {
  readonly name: string | Buffer;
  /** The character that says what the entry is. */
  readonly flag?: string;
  readonly content?: string | Buffer;
  readonly linkname?: string;
  readonly mode?: number;
  /** Seconds since 1970. GNU writes a negative number, or one above eleven octal digits, in base 256. */
  readonly mtime?: number;
  readonly uid?: number;
  /** What the header says, where it is not the length of the content. */
  readonly size?: number;
  readonly format?: 'posix' | 'gnu' | 'v7';
}

const magics = { posix: 'ustar\x0000', gnu: 'ustar  \0', v7: '\0'.repeat(8) };

const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);

/** One entry. */
export const block = ({
  name,
  flag = '0',
  content = '',
  linkname = '',
  mode = flag === '5' ? 0o755 : 0o644,
  mtime = 1_600_000_000,
  uid = 0,
  size,
  format = 'posix',
}: Block): Buffer => {
  const header = Buffer.alloc(512);
  const body = Buffer.from(content);
  const number = (value: number, at: number, length: number): void => {
    const digits = value.toString(8);
    if (value >= 0 && digits.length < length) header.write(digits.padStart(length - 1, '0'), at);
    else {
      header.writeBigInt64BE(BigInt(value), at + length - 8);
      header.fill(value < 0 ? 0xff : 0, at, at + length - 8);
      header[at] = value < 0 ? 0xff : 0x80;
    }
  };
  Buffer.from(name).copy(header, 0, 0, 100);
  number(mode, 100, 8);
  number(uid, 108, 8);
  number(0, 116, 8);
  number(size ?? body.length, 124, 12);
  number(mtime, 136, 12);
  header.write(flag, 156, 'latin1');
  header.write(linkname, 157, 100);
  header.write(magics[format], 257, 'latin1');
  return Buffer.concat([withChecksum(header), padded(body)]);
};

/** Writes the checksum into a header block. */
const withChecksum = (header: Buffer): Buffer => {
  header.fill(' ', 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
};

/** The entry with some text in its header, under a checksum that fits. */
export const withField = (entry: Buffer, at: number, text: string): Buffer => {
  entry.write(text, at, 'latin1');
  return withChecksum(entry);
};

/** An extended header of POSIX, for the next entry or, with the flag `g`, for all that follow. */
export const pax = (records: Record<string, string>, flag: 'x' | 'g' = 'x'): Buffer => {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + 1;
    while (length !== rest + String(length).length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return block({ name: 'PaxHeaders/x', flag, content: lines.join('') });
};

/** A long name (`L`) or a long link target (`K`) of GNU, for the next entry. */
export const long = (flag: 'L' | 'K', text: string): Buffer =>
  block({ name: '././@LongLink', flag, content: `${text}\0`, format: 'gnu' });

export const end = Buffer.alloc(1024);

/** A whole tar. */
export const tar = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, end]);

export const file = (name: string, content: string | Buffer = 'x', rest: Partial<Block> = {}): Buffer =>
  block({ name, content, ...rest });
export const directory = (name: string, rest: Partial<Block> = {}): Buffer =>
  block({ name, flag: '5', ...rest });
export const symlink = (name: string, linkname: string): Buffer => block({ name, flag: '2', linkname });
export const hardLink = (name: string, linkname: string, rest: Partial<Block> = {}): Buffer =>
  block({ name, flag: '1', linkname, ...rest });
