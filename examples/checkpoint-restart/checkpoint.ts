import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import path from 'node:path';
import type { Entry } from './entry.js';
import { Fault, exitStatus } from './exit-status.js';
import type { Progress } from './progress.js';
import { bufferedSize } from './read-image.js';
import { findEntries } from './find-entries.js';
import type { Found } from './find-entries.js';
import { ImageWriter } from './write-image.js';

interface CheckpointOptions {
  /** Paths in the directory whose files count as deleted while they were still attached. */
  readonly deleted?: readonly string[];
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface Checkpointed {
  readonly entries: number;
  /** Bytes of content. */
  readonly bytes: number;
  /** Sockets, pipes and devices. */
  readonly skipped: readonly string[];
}

/**
 * Writes a directory as a tar: sorted by name, a directory before what is in it. The image appears under its name when it
 * is complete, and not before.
 */
export const checkpoint = async (
  directory: string,
  image: string,
  { deleted = [], signal, progress }: CheckpointOptions,
): Promise<Checkpointed> => {
  const place = path.join(await realpath(path.dirname(image)), path.basename(image));
  const partial = `${place}.${randomUUID()}.partial`;
  const output = await open(partial, 'wx');
  try {
    const { found, skipped } = await findEntries(directory, { deleted, without: [place, partial], signal });
    const writer = new ImageWriter(output.createWriteStream(), signal);
    progress.start('checkpoint', found.length);
    let bytes = 0;
    try {
      for (const [index, each] of found.entries()) {
        signal.throwIfAborted();
        await write(writer, each);
        bytes += each.entry.size;
        progress.entryDone(index + 1);
      }
      await writer.end();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    await rename(partial, place);
    progress.end();
    return { entries: found.length, bytes, skipped };
  } catch (error) {
    await output.close();
    await rm(partial, { force: true });
    signal.throwIfAborted();
    throw error;
  }
};

const write = async (writer: ImageWriter, { entry, stat, place }: Found): Promise<void> => {
  const owner = { uid: Number(stat.uid), gid: Number(stat.gid) };
  if (entry.type !== 'file') {
    await writer.add(entry, owner);
    return;
  }
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ELOOP' ? changed(entry) : error;
  });
  try {
    await sameAs(handle, stat, entry);
    if (entry.size <= bufferedSize) {
      const content = await handle.readFile();
      await sameAs(handle, stat, entry);
      if (content.length !== entry.size) throw changed(entry);
      await writer.add(entry, owner, content);
    } else {
      // The header, which has the checksum, comes before the content: a large file is read twice.
      const hash = createHash('sha256');
      for await (const chunk of pieces(handle, entry)) hash.update(chunk);
      await writer.addStream(
        entry,
        owner,
        hash.copy().digest('hex'),
        again(handle, entry, hash.digest('hex')),
      );
      await sameAs(handle, stat, entry);
    }
  } finally {
    await handle.close();
  }
};

const changed = (entry: Entry): Fault =>
  new Fault(exitStatus.fileSystem, `${entry.path} changed while it was read`);

const sameAs = async (handle: FileHandle, before: BigIntStats, entry: Entry): Promise<void> => {
  const { ino, size, mtimeNs } = await handle.stat({ bigint: true });
  if (ino !== before.ino || size !== before.size || mtimeNs !== before.mtimeNs) throw changed(entry);
};

/** The content from its start, exactly as much as the entry says. */
async function* pieces(handle: FileHandle, entry: Entry): AsyncGenerator<Buffer, void> {
  for (let position = 0; position < entry.size;) {
    const buffer = Buffer.allocUnsafe(Math.min(256 * 1024, entry.size - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) throw changed(entry);
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* again(handle: FileHandle, entry: Entry, contentSha256: string): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  for await (const chunk of pieces(handle, entry)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== contentSha256) throw changed(entry);
}
