import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import path from 'node:path';
import type { Entry } from './entry.js';
import { Fault, exitStatus } from './exit-status.js';
import { isText, placeOf, safePath } from './safe-path.js';

/** An entry of a directory, with what the file system said about it. */
export interface Found {
  readonly entry: Entry;
  readonly stat: BigIntStats;
  readonly place: string;
}

interface FindOptions {
  readonly deleted: readonly string[];
  /** Files to leave out: the image itself. */
  readonly without: readonly string[];
  readonly signal: AbortSignal;
}

/** What NFS and FUSE rename a file to that is deleted while somebody has it open. */
const deletedButAttached = /^\.(nfs[0-9a-f]{8,}|fuse_hidden[0-9a-f]{8,})$/;

/**
 * Everything in a directory, and the directory itself first, sorted by name with each directory before what is in it. The
 * first name of a file is the file, its other names are links to it.
 */
export const findEntries = async (
  directory: string,
  { deleted, without, signal }: FindOptions,
): Promise<{ found: Found[]; skipped: string[] }> => {
  const found: Found[] = [];
  const skipped: string[] = [];
  const firstNames = new Map<string, string>();
  const hidden = new Set(without);
  const marked = new Set(deleted.map((each) => safePath(each)));

  const root = await realpath(directory).catch(noDirectory(directory));
  const visit = async (at: string): Promise<void> => {
    signal.throwIfAborted();
    const place = placeOf(root, at);
    if (hidden.has(place)) return;
    const stat = await lstat(place, { bigint: true });
    const basics = { path: at, mode: Number(stat.mode & 0o7777n), mtimeNs: stat.mtimeNs };
    const add = (rest: Pick<Entry, 'type'> & Partial<Entry>): void => {
      found.push({ entry: { ...basics, size: 0, target: '', deleted: false, ...rest }, stat, place });
    };
    if (stat.isDirectory()) {
      add({ type: 'directory' });
      for (const name of await namesIn(place)) await visit(at === '' ? name : `${at}/${name}`);
    } else if (stat.isSymbolicLink()) {
      add({
        type: 'symlink',
        target: text(await readlink(place, { encoding: 'buffer' }), `target of ${at}`),
      });
    } else if (stat.isFile()) {
      const isDeleted = marked.delete(at) || deletedButAttached.test(path.basename(at));
      const inode = `${stat.dev}:${stat.ino}`;
      const first = firstNames.get(inode);
      if (first !== undefined) {
        add({ type: 'link', target: first, deleted: isDeleted });
      } else {
        if (stat.nlink > 1n) firstNames.set(inode, at);
        add({ type: 'file', size: Number(stat.size), deleted: isDeleted });
      }
    } else {
      skipped.push(`${kindOf(stat)} ${at}`);
    }
  };

  if (!(await lstat(root)).isDirectory()) noDirectory(directory)();
  await visit('');
  for (const each of marked) {
    throw new Fault(exitStatus.usage, `--deleted ${each}: there is no such file in ${directory}`);
  }
  return { found, skipped };
};

const namesIn = async (place: string): Promise<string[]> => {
  const names = await readdir(place, { encoding: 'buffer' });
  return names.toSorted((a, b) => a.compare(b)).map((name) => text(name, `name in ${place}`));
};

const text = (bytes: Buffer, what: string): string => {
  const decoded = bytes.toString();
  if (Buffer.from(decoded).equals(bytes) && isText(decoded)) return decoded;
  throw new Fault(
    exitStatus.fileSystem,
    `cannot record the ${what}, ${JSON.stringify(decoded)}: it is not UTF-8`,
  );
};

const noDirectory =
  (directory: string) =>
  (error?: NodeJS.ErrnoException): never => {
    if (error !== undefined && error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new Fault(exitStatus.usage, `${directory} is not a directory`);
  };

const kindOf = (stat: BigIntStats): string =>
  stat.isSocket() ? 'socket' : stat.isFIFO() ? 'pipe' : stat.isBlockDevice() ? 'block device' : 'device';
