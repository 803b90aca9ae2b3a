import { createHash } from 'node:crypto';

export type EntryType = 'file' | 'directory' | 'symlink' | 'link';

/** One entry of an image. */
export interface Entry {
  /** Relative to the tree, with `/`; `''` is the tree's root itself. */
  readonly path: string;
  readonly type: EntryType;
  readonly mode: number;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** What a symlink says, or the path of the entry that a hard link shares its file with; else `''`. */
  readonly target: string;
  /** The file had been deleted while it was still attached: it serves the links to it, and goes when they are made. */
  readonly deleted: boolean;
}

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The first component: the entry that the task is named after. */
export const topLevelOf = (path: string): string => path.split('/', 1)[0] ?? path;

/** How people read an entry: `symlink bin/x`. */
export const describeEntry = ({ type, path }: Pick<Entry, 'type' | 'path'>): string =>
  `${type === 'link' ? 'hard link' : type} ${path || '.'}`;

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * The mode that an entry is given. The setuid, setgid and sticky bits are left out: they stand for the owner in the
 * image, and the restored file belongs to the user of the restart.
 */
export const restoredMode = ({ mode }: Pick<Entry, 'mode'>): number => mode & 0o777;

/** Everything that an entry says and contains, as one number. A tar has no checksum but that of its header blocks. */
export const sealOf = (entry: Entry, contentSha256: string): string => {
  const { path, type, mode, mtimeNs, size, target, deleted } = entry;
  return sha256(
    Buffer.from(JSON.stringify([path, type, mode, String(mtimeNs), size, target, deleted, contentSha256])),
  );
};

export const emptySha256 = sha256(new Uint8Array());
