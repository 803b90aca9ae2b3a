import { chmod, lstat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import type { Entry } from './entry.js';
import { placeOf } from './safe-path.js';

const isClosed = ({ type, mode }: Entry): boolean =>
  type === 'directory' ? (mode & 0o500) !== 0o500 : type === 'file' && (mode & 0o400) === 0;

/**
 * Lets us look into directories and files that their modes close, until it is disposed of: a restored tree has them as
 * the image says, and only root could read it.
 */
export class OpenedTree implements AsyncDisposable {
  readonly #root: string;
  readonly #stats = new Map<string, BigIntStats>();
  readonly #opened: { place: string; mode: number }[] = [];

  private constructor(root: string) {
    this.#root = root;
  }

  /** `fileOf` returns the entry that says what mode an entry has: that of its file, for a hard link. */
  static async open(
    root: string,
    entries: Iterable<Entry>,
    fileOf: (entry: Entry) => Entry | undefined,
  ): Promise<OpenedTree> {
    const tree = new OpenedTree(root);
    if (process.getuid?.() === 0) return tree;
    const closed = [...entries].filter((entry) => isClosed(fileOf(entry) ?? entry));
    // A directory before what is in it, whose path is longer; and all names of a file before its mode changes.
    const directories = closed.filter(({ type }) => type === 'directory');
    for (const { path } of directories.toSorted((a, b) => a.path.length - b.path.length)) {
      await tree.#note(path);
      await tree.#open(path, 0o500n);
    }
    const files = closed.filter(({ type }) => type !== 'directory');
    for (const { path } of files) await tree.#note(path);
    for (const { path } of files) await tree.#open(path, 0o400n);
    return tree;
  }

  /** What an entry is like without us. */
  async stat(path: string): Promise<BigIntStats> {
    return this.#stats.get(path) ?? lstat(placeOf(this.#root, path), { bigint: true });
  }

  /** What cannot be opened is found by the verification. */
  async #note(path: string): Promise<void> {
    const stat = await lstat(placeOf(this.#root, path), { bigint: true }).catch(() => undefined);
    if (stat !== undefined) this.#stats.set(path, stat);
  }

  async #open(path: string, bits: bigint): Promise<void> {
    const stat = this.#stats.get(path);
    if (stat === undefined || !(stat.isDirectory() || stat.isFile())) return;
    const mode = stat.mode & 0o7777n;
    const place = placeOf(this.#root, path);
    try {
      await chmod(place, Number(mode | bits));
      this.#opened.push({ place, mode: Number(mode) });
    } catch {}
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { place, mode } of this.#opened.toReversed()) await chmod(place, mode);
  }
}
