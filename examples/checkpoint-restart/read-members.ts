import { BrokenImage, corruptEntry, notSupported } from './broken-image.js';
import type { ByteReader } from './byte-reader.js';
import { blockSize, readHeaderBlock, textOf } from './header-block.js';
import type { HeaderBlock } from './header-block.js';
import { checkRecords, isApplied, readRecords } from './pax-records.js';
import type { LeftOut, Records } from './pax-records.js';
import { quoted } from './printable.js';

/** An entry of a tar, with its extended headers applied to its own. */
export interface Member extends HeaderBlock {
  readonly records: Records;
  readonly leftOut: readonly LeftOut[];
  /** Ends early, with an error, where the stream does. What is not taken of it is passed over. */
  readonly content: AsyncIterable<Buffer>;
}

const longestExtension = 4 * 1024 * 1024;
const zeros = Buffer.alloc(blockSize);

const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

/** Exactly so many bytes; the image is truncated if there are fewer. */
const exactly = async (reader: ByteReader, size: number): Promise<Buffer> => {
  const bytes = await reader.take(size);
  if (bytes.length < size) throw new BrokenImage('truncated');
  return bytes;
};

/** The content of a long header: a name of GNU, or pax records. */
const extension = async (reader: ByteReader, { name, size }: HeaderBlock): Promise<Buffer> => {
  if (size > longestExtension) throw notSupported(name, `is an extended header of ${size} bytes`);
  const bytes = await exactly(reader, size);
  await exactly(reader, padding(size));
  return bytes;
};

/**
 * The members of a tar, up to the two blocks of zeros or more that end it. It is our own reader, since libraries pass
 * over extensions in silence that they do not know, and do not show which there were.
 */
export async function* readMembers(reader: ByteReader): AsyncGenerator<Member, void> {
  const global = new Map<string, string>();
  /** The extensions that the next entry has, by the flags of their headers. */
  const pending = new Map<string, Buffer>();
  for (;;) {
    const block = await exactly(reader, blockSize);
    if (block.equals(zeros)) {
      if (pending.size > 0) throw new BrokenImage('corrupt', 'it ends with an extended header');
      await readEnd(reader);
      return;
    }
    const header = readHeaderBlock(block);
    const { flag } = header;
    if (flag === 'g') {
      const records = readRecords(await extension(reader, header), header.name);
      checkRecords(records, header.name);
      const lost = [...global.keys()].find((key) => isApplied(key) && !records.has(key));
      if (lost !== undefined) {
        // To POSIX it still applies, to GNU tar a second header replaces the first.
        throw notSupported(header.name, `is a second global header, without the ${lost} of the first`);
      }
      for (const [key, value] of records) global.set(key, value);
    } else if (flag === 'x' || flag === 'L' || flag === 'K') {
      if (pending.has(flag)) throw corruptEntry(header.name, 'is the second extended header of an entry');
      pending.set(flag, await extension(reader, header));
    } else {
      const own = readRecords(pending.get('x') ?? Buffer.alloc(0), header.name);
      const member = extended(header, pending, new Map([...global, ...own]));
      pending.clear();
      let left = member.size;
      const take = async (): Promise<Buffer> => {
        const piece = await reader.some(left);
        if (piece.length === 0) throw new BrokenImage('truncated');
        left -= piece.length;
        return piece;
      };
      const content = (async function* () {
        while (left > 0) yield await take();
      })();
      yield { ...member, content };
      while (left > 0) await take();
      await exactly(reader, padding(member.size));
    }
  }
}

/** Reads on after a first block of zeros. Only the end tells a complete image from one cut between two entries. */
const readEnd = async (reader: ByteReader): Promise<void> => {
  for (let blocks = 1; ; blocks++) {
    const block = await reader.take(blockSize);
    if (block.length === 0 && blocks >= 2) return;
    if (block.some((byte) => byte !== 0)) throw new BrokenImage('corrupt', afterZeros(block));
    if (block.length < blockSize) throw new BrokenImage('truncated');
  }
};

const afterZeros = (block: Buffer): string => {
  try {
    return `zeros before ${quoted(readHeaderBlock(block).name)}`;
  } catch {
    return 'data after its end';
  }
};

/** The header with what its extensions say in place of its own. A pax record counts more than a name of GNU. */
const extended = (
  header: HeaderBlock,
  pending: ReadonlyMap<string, Buffer>,
  records: Records,
): Omit<Member, 'content'> => {
  const long = (flag: string): string | undefined => {
    const bytes = pending.get(flag);
    return bytes && textOf(bytes);
  };
  const name = records.get('path') ?? long('L') ?? header.name;
  const linkname = records.get('linkpath') ?? long('K') ?? header.linkname;
  const leftOut = checkRecords(records, name);
  const size = records.get('size');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw corruptEntry(name, 'has an unreadable size');
  return { ...header, name, linkname, size: Number(size ?? header.size), records, leftOut };
};
