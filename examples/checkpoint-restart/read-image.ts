import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { ZeroBlocks } from './end-of-archive.js';
import { describeEntry, emptySha256, sealOf, sha256 } from './entry.js';
import type { Entry } from './entry.js';
import { Fault, exitStatus, faultOf } from './exit-status.js';
import type { ImageSource } from './image-source.js';
import { fromTarHeader } from './tar-header.js';
import type { TarHeader } from './tar-header.js';

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

/** What has been read of an image: its entries, and the SHA-256 of what files contain. */
export class ImageIndex {
  readonly entries = new Map<string, Entry>();
  readonly contents = new Map<string, string>();
}

const blocks = (size: number): number => Math.ceil(size / 512) * 512;

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
  watch: ZeroBlocks,
  last: Entry | undefined,
): unknown => {
  if (faultOf(error) !== undefined || !(error instanceof Error)) return error;
  const where = last === undefined ? 'before its first entry' : `at or after ${describeEntry(last)}`;
  const at = `${watch.bytes} bytes in, ${where}`;
  const message = /end of data/i.test(error.message)
    ? `${source.label} is truncated: it ends ${at}`
    : `${source.label} is corrupt, or not a tar: ${error.message} (${at})`;
  return new Fault(exitStatus.image, message, { cause: error });
};

/**
 * The entries of an image in their order, in one pass, each checked for what it says and recorded in the index.
 * Throws a `Fault` for an image that is truncated, corrupt or unsafe, and the signal's reason when it aborts.
 */
export async function* readImage(
  source: ImageSource,
  { index, signal }: { index: ImageIndex; signal: AbortSignal },
): AsyncGenerator<ImageItem, void> {
  const tar = extract();
  const watch = new ZeroBlocks();
  const flowing = pipeline(await source.read(), watch, tar, { signal });
  // Its error is that of the loop below, or is thrown after it.
  flowing.catch(() => {});
  const seals = new Seals();
  let last: Entry | undefined;
  let end = 0;
  const explain = (error: unknown): unknown =>
    signal.aborted ? signal.reason : unreadable(error, source, watch, last);
  try {
    for await (const tarEntry of tar) {
      const header = tarEntry.header as TarHeader & { byteOffset: number };
      const body = tarEntry as AsyncIterable<Buffer>;
      // Where the content begins in the image; the types of tar-stream do not tell of it.
      const start = header.byteOffset;
      if (watch.hasBetween(end, start - 512)) {
        throw new Fault(
          exitStatus.image,
          `${source.label} is corrupt: zeros before ${JSON.stringify(header.name)}`,
        );
      }
      end = start + blocks(header.size);
      const { entry, seal } = fromTarHeader(header);
      last = entry;
      const finish = (contentSha256: string): void => {
        seals.check(entry, seal, contentSha256);
        index.entries.set(entry.path, entry);
        if (entry.type === 'file') index.contents.set(entry.path, contentSha256);
      };
      if (entry.size > bufferedSize) {
        yield { entry, content: hashed(body, { finish, explain }), position: watch.bytes };
      } else {
        const content = await bytesOf(body);
        finish(content.length === 0 ? emptySha256 : sha256(content));
        yield { entry, content, position: watch.bytes };
      }
    }
    await flowing;
    if (!watch.isEnd(end)) throw new Error('unexpected end of data');
  } catch (error) {
    throw explain(error);
  } finally {
    tar.destroy();
  }
}
