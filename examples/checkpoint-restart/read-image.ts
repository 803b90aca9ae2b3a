import { createHash } from 'node:crypto';
import { Readable, addAbortSignal } from 'node:stream';
import { finished } from 'node:stream/promises';
import { BrokenImage } from './broken-image.js';
import { ByteReader } from './byte-reader.js';
import { describeEntry, emptySha256, sealOf, sha256 } from './entry.js';
import type { Entry } from './entry.js';
import { Fault, exitStatus } from './exit-status.js';
import type { ImageSource } from './image-source.js';
import { describeMember } from './member-entry.js';
import type { LeftOut } from './pax-records.js';
import { readMembers } from './read-members.js';

/** Files up to this size are held in memory while the reader goes on; the content of larger ones passes by. */
export const bufferedSize = 1024 * 1024;

export interface ImageItem {
  readonly entry: Entry;
  /** A stream has to be read to its end before the next item can come. */
  readonly content: Buffer | AsyncIterable<Buffer>;
  /** How many bytes of the image have been read so far. */
  readonly position: number;
}

/** Reads the content of an item to its end, so that the next can come. */
export const passOver = async ({ content }: ImageItem): Promise<void> => {
  if (!Buffer.isBuffer(content)) await finished(Readable.from(content).resume());
};

/** What has been read of an image: its entries, the SHA-256 of what files contain, and what is not put back. */
export class ImageIndex {
  readonly entries = new Map<string, Entry>();
  readonly contents = new Map<string, string>();
  /** The names of the entries that have something that is not put back. */
  readonly leftOut = new Map<LeftOut, Set<string>>();

  leaveOut(what: LeftOut, name: string): void {
    const names = this.leftOut.get(what) ?? new Set();
    this.leftOut.set(what, names.add(name));
  }
}

const bytesOf = async (content: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const corrupt = (entry: Entry, why: string): Fault =>
  new Fault(exitStatus.image, `the image is corrupt: ${describeEntry(entry)} ${why}`);

/** Holds every entry to its seal. An image has them throughout or, if another program wrote it, not at all. */
class Seals {
  #expected: boolean | undefined;

  check(entry: Entry, seal: string | undefined, contentSha256: string): void {
    this.#expected ??= seal !== undefined;
    if (this.#expected !== (seal !== undefined))
      throw corrupt(entry, 'and others differ in having a checksum');
    if (seal !== undefined && seal !== sealOf(entry, contentSha256)) {
      throw corrupt(entry, 'is not what was written (checksum mismatch)');
    }
  }
}

/** The content of an entry as it passes by, with its SHA-256 at the end. */
async function* hashed(
  body: AsyncIterable<Buffer>,
  { finish, explain }: { finish: (contentSha256: string) => void; explain: (error: unknown) => unknown },
): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw explain(error);
  }
  finish(hash.digest('hex'));
}

const unreadable = (
  error: unknown,
  source: ImageSource,
  reader: ByteReader,
  last: Entry | undefined,
): unknown => {
  if (!(error instanceof BrokenImage)) return error;
  const where = last === undefined ? 'before its first entry' : `at or after ${describeEntry(last)}`;
  const at = `${reader.bytes} bytes in, ${where}`;
  if (error.kind === 'truncated') {
    const details = ['if it goes on in another volume: multi-volume archives are not supported'];
    return new Fault(exitStatus.image, `${source.label} is truncated: it ends ${at}`, {
      details,
      cause: error,
    });
  }
  const what = last === undefined ? 'corrupt, or not a tar' : 'corrupt';
  return new Fault(exitStatus.image, `${source.label} is ${what}: ${error.message} (${at})`, {
    cause: error,
  });
};

/**
 * The entries of an image in their order, in one pass, each checked for what it says and recorded in the index.
 * Throws a `Fault` for an image that is truncated, corrupt, unsafe or not supported, and the signal's reason when it
 * aborts.
 */
export async function* readImage(
  source: ImageSource,
  { index, signal }: { index: ImageIndex; signal: AbortSignal },
): AsyncGenerator<ImageItem, void> {
  const stream = addAbortSignal(signal, await source.read());
  const reader = new ByteReader(stream);
  const seals = new Seals();
  let last: Entry | undefined;
  const explain = (error: unknown): unknown =>
    signal.aborted ? signal.reason : unreadable(error, source, reader, last);
  try {
    for await (const member of readMembers(reader)) {
      if (member.flag === 'V') {
        index.leaveOut('volume labels', member.name);
        continue;
      }
      const { entry, seal, leftOut } = describeMember(member);
      last = entry;
      for (const what of leftOut) index.leaveOut(what, entry.path || '.');
      const finish = (contentSha256: string): void => {
        seals.check(entry, seal, contentSha256);
        index.entries.set(entry.path, entry);
        if (entry.type === 'file') index.contents.set(entry.path, contentSha256);
      };
      if (entry.size > bufferedSize) {
        yield { entry, content: hashed(member.content, { finish, explain }), position: reader.bytes };
      } else {
        const content = await bytesOf(member.content);
        finish(content.length === 0 ? emptySha256 : sha256(content));
        yield { entry, content, position: reader.bytes };
      }
    }
  } catch (error) {
    throw explain(error);
  } finally {
    stream.destroy();
  }
}
