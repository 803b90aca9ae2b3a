import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { BigIntStats } from 'node:fs';
import PQueue from 'p-queue';
import { LinkedFiles } from './claimed-paths.js';
import { describeEntry, parentOf, restoredMode } from './entry.js';
import type { Entry } from './entry.js';
import type { ImageSource } from './image-source.js';
import { OpenedTree } from './opened-tree.js';
import type { Progress } from './progress.js';
import { absent } from './put.js';
import { ImageIndex, passOver, readImage } from './read-image.js';
import { placeOf } from './safe-path.js';
import { secondReading } from './second-reading.js';
import { formatTime, isAsAsked } from './timestamp.js';

export type DifferenceKind =
  | 'missing'
  | 'type'
  | 'content'
  | 'mode'
  | 'time'
  | 'link target'
  | 'hard link'
  | 'not removed'
  | 'not in the image'
  | 'not readable'
  | 'second reading';

export interface Difference {
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly line: string;
}

interface VerifyOptions {
  /** What was read at the restart, for an image that cannot be read twice. */
  readonly index: ImageIndex;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface Verified {
  readonly differences: Difference[];
  /** Who read the image, for people. */
  readonly readBy: string;
}

/**
 * Reads the image once more, and compares every entry with what is on disk now. That would not find what is misread both
 * times, so what has been read is compared with what GNU tar reads.
 */
export const verify = async (
  source: ImageSource,
  target: string,
  { index, signal, progress }: VerifyOptions,
): Promise<Verified> => {
  let expected = index;
  if (source.size !== undefined) {
    expected = new ImageIndex();
    for await (const item of readImage(source, { index: expected, signal })) await passOver(item);
  }
  const onDisk = await new Verification(expected, target).run(signal, progress);
  const { differences, readBy } = await secondReading(source, expected, signal);
  const all = [...onDisk, ...differences];
  return { differences: all.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)), readBy };
};

class Verification {
  readonly #index: ImageIndex;
  readonly #target: string;
  readonly #differences: Difference[] = [];
  /** The one inode that every name of a file should have, and the other way round. */
  readonly #inodes = new Map<string, string>();
  readonly #owners = new Map<string, string>();
  readonly #contents = new Map<string, Promise<string>>();
  readonly #links: LinkedFiles;

  constructor(index: ImageIndex, target: string) {
    this.#index = index;
    this.#target = target;
    this.#links = new LinkedFiles((at) => index.entries.get(at));
  }

  async run(signal: AbortSignal, progress: Progress): Promise<Difference[]> {
    const tree = await OpenedTree.open(this.#target, this.#index.entries.values(), (entry) =>
      this.#fileOf(entry),
    );
    try {
      return await this.#compareAll(tree, signal, progress);
    } finally {
      await tree[Symbol.asyncDispose]();
    }
  }

  /** The entry itself, or the file of a hard link; `undefined` if it has none. */
  #fileOf(entry: Entry): Entry | undefined {
    try {
      return this.#links.fileOf(entry);
    } catch {
      return undefined;
    }
  }

  async #compareAll(tree: OpenedTree, signal: AbortSignal, progress: Progress): Promise<Difference[]> {
    const { entries } = this.#index;
    progress.start('verify', entries.size);
    const limit = new PQueue({ concurrency: 16 });
    let done = 0;
    for (const entry of entries.values()) {
      signal.throwIfAborted();
      void limit.add(async () => {
        await this.#compare(entry, tree).catch((error: Error) =>
          this.#note(entry.path, 'not readable', error.message),
        );
        progress.entryDone(++done);
      });
      await limit.onSizeLessThan(1);
    }
    await limit.onIdle();
    await this.#findOthers('');
    signal.throwIfAborted();
    progress.end();
    return this.#differences;
  }

  #note(at: string, kind: DifferenceKind, what: string): void {
    this.#differences.push({ path: at, kind, line: `${at || '.'}: ${kind}: ${what}` });
  }

  async #compare(entry: Entry, tree: OpenedTree): Promise<void> {
    const place = placeOf(this.#target, entry.path);
    const stat = await tree.stat(entry.path).catch(absent);
    if (entry.deleted) {
      if (stat !== undefined) this.#note(entry.path, 'not removed', 'it was marked as deleted');
      return;
    }
    if (stat === undefined) {
      this.#note(entry.path, 'missing', `expected a ${describeEntry(entry)}`);
      return;
    }
    const found = typeOf(stat);
    const expected = entry.type === 'link' ? 'file' : entry.type;
    if (found !== expected) {
      this.#note(entry.path, 'type', `expected a ${expected}, found a ${found}`);
      return;
    }
    // What a hard link has to look like, the entry of its file says.
    const file = entry.type === 'link' ? this.#links.fileOf(entry) : entry;
    this.#compareMetadata(entry.path, file, stat);
    if (entry.type === 'symlink') await this.#compareSymlink(entry, place);
    if (file.type !== 'file') return;
    this.#compareInode(entry.path, file, stat);
    if ((await this.#contentOf(stat, place)) !== this.#index.contents.get(file.path)) {
      this.#note(
        entry.path,
        'content',
        `expected ${file.size} bytes as in the image, found ${stat.size} others`,
      );
    }
  }

  #compareMetadata(at: string, expected: Entry, stat: BigIntStats): void {
    const mode = Number(stat.mode & 0o7777n);
    // A symlink has no mode that could be set.
    if (expected.type !== 'symlink' && mode !== restoredMode(expected)) {
      this.#note(at, 'mode', `expected ${restoredMode(expected).toString(8)}, found ${mode.toString(8)}`);
    }
    if (!isAsAsked(stat.mtimeNs, expected.mtimeNs)) {
      this.#note(at, 'time', `expected ${formatTime(expected.mtimeNs)}, found ${formatTime(stat.mtimeNs)}`);
    }
  }

  async #compareSymlink(entry: Entry, place: string): Promise<void> {
    const found = await readlink(place);
    if (found !== entry.target)
      this.#note(entry.path, 'link target', `expected ${entry.target}, found ${found}`);
  }

  /** Read once, whatever the number of names. */
  #contentOf(stat: BigIntStats, place: string): Promise<string> {
    const inode = `${stat.dev}:${stat.ino}`;
    const known = this.#contents.get(inode) ?? hashOf(place);
    this.#contents.set(inode, known);
    return known;
  }

  #compareInode(at: string, file: Entry, stat: BigIntStats): void {
    const inode = `${stat.dev}:${stat.ino}`;
    const known = this.#inodes.get(file.path);
    if (known !== undefined && known !== inode) {
      this.#note(at, 'hard link', `it is not the same file as the other names of ${file.path}`);
    }
    this.#inodes.set(file.path, known ?? inode);
    const owner = this.#owners.get(inode);
    if (owner !== undefined && owner !== file.path) {
      this.#note(at, 'hard link', `it is the same file as ${owner}, but should be one of its own`);
    }
    this.#owners.set(inode, owner ?? file.path);
  }

  /** What is in the target and not in the image. */
  async #findOthers(below: string): Promise<void> {
    const children = await readdir(placeOf(this.#target, below), { withFileTypes: true }).catch(
      (error: Error) => {
        this.#note(below, 'not readable', error.message);
        return [];
      },
    );
    for (const child of children) {
      const at = path.posix.join(below, child.name);
      if (!this.#isKnown(at)) this.#note(at, 'not in the image', 'nothing was to be there');
      else if (child.isDirectory()) await this.#findOthers(at);
    }
  }

  #known: Set<string> | undefined;

  /** Every path of the image, and the directories that it only implies. */
  #isKnown(at: string): boolean {
    if (this.#known === undefined) {
      this.#known = new Set();
      for (const entry of this.#index.entries.keys()) {
        for (let each = entry; each !== '' && !this.#known.has(each); each = parentOf(each))
          this.#known.add(each);
      }
    }
    return this.#known.has(at);
  }
}

const typeOf = (stat: BigIntStats): string =>
  stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'special file';

const hashOf = async (place: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(place)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
