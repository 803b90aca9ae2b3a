import type { Header } from 'tar-stream';
import type { Entry, EntryType } from './entry.js';
import { Fault, exitStatus } from './exit-status.js';
import { isText, safePath } from './safe-path.js';
import { formatPaxTime, parsePaxTime } from './timestamp.js';

/** What tar-stream takes, with the records of the pax header. */
export type TarHeader = Partial<Omit<Header, 'pax'>> &
  Pick<Header, 'name' | 'size'> & { pax?: Record<string, string> | null };

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const typeBits: Record<EntryType, number> = {
  file: 0o100000,
  link: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
};
const largestOctal = 0o777777;
const largestTime = 0x7fff_ffff;

/**
 * Our marks go into the `comment` record: it is there for such things, and every tar passes over it in silence,
 * while GNU tar warns of each keyword of a vendor that it does not know.
 */
const marksOf = (deleted: boolean, seal: string): string =>
  `deferqueue${deleted ? ' deleted' : ''} sha256=${seal}`;

export const toTarHeader = (entry: Entry, seal: string, { uid, gid }: Owner): TarHeader => {
  const seconds = Number(entry.mtimeNs / 1_000_000_000n);
  return {
    name: entry.type === 'directory' ? `${entry.path || '.'}/` : entry.path,
    type: entry.type,
    // The bits of the type are cut off in the header; without them tar-stream takes a mode of 0 for none at all.
    mode: entry.mode | typeBits[entry.type],
    size: entry.size,
    uid: uid > largestOctal ? 0 : uid,
    gid: gid > largestOctal ? 0 : gid,
    // The field cannot hold times before 1970 or after 2038 as tar-stream writes it. The pax record can.
    mtime: new Date(Math.min(Math.max(seconds, 0), largestTime) * 1000),
    ...(entry.target !== '' && { linkname: entry.target }),
    pax: {
      mtime: formatPaxTime(entry.mtimeNs),
      ...(uid > largestOctal && { uid: String(uid) }),
      ...(gid > largestOctal && { gid: String(gid) }),
      comment: marksOf(entry.deleted, seal),
    },
  };
};

const entryTypes = new Map<unknown, EntryType>([
  ['file', 'file'],
  ['contiguous-file', 'file'],
  ['directory', 'directory'],
  ['symlink', 'symlink'],
  ['link', 'link'],
]);

/** The entry that a header describes, and the seal that it carries if this program wrote it. */
export const fromTarHeader = (header: TarHeader): { entry: Entry; seal: string | undefined } => {
  const bad = (why: string): Fault =>
    new Fault(
      exitStatus.image,
      `the image is corrupt or unsupported: entry ${JSON.stringify(header.name)} ${why}`,
    );

  const type = entryTypes.get(header.type);
  if (type === undefined) {
    throw bad(`is of a type that cannot be restored (${header.type ?? 'unknown'})`);
  }
  const linkname = header.linkname ?? '';
  if (!isText(header.name + linkname)) throw bad('has a name that is not UTF-8');
  const path = safePath(header.name);
  if (path === '' && type !== 'directory') throw bad(`is the root, but a ${type}`);
  const { mode = 0, size, pax } = header;
  if (!Number.isSafeInteger(mode) || !Number.isSafeInteger(size)) throw bad('has an unreadable header');
  if (size !== 0 && type !== 'file') throw bad(`is a ${type} with content`);

  const record = pax?.['mtime'];
  const whole = header.mtime?.getTime() ?? 0;
  const mtimeNs =
    record === undefined
      ? Number.isFinite(whole)
        ? BigInt(whole) * 1_000_000n
        : undefined
      : parsePaxTime(record);
  if (mtimeNs === undefined) throw bad('has an unreadable modification time');

  if (type === 'symlink' && (linkname === '' || linkname.includes('\0'))) throw bad('has no link target');
  const target =
    type === 'symlink' ? linkname : type === 'link' ? safePath(linkname, 'hard link target') : '';

  const marks = /^deferqueue( deleted)? sha256=([0-9a-f]{64})$/.exec(pax?.['comment'] ?? '');
  const deleted = marks?.[1] !== undefined;
  if (deleted && type !== 'file' && type !== 'link') throw bad(`is a ${type} that is marked as deleted`);
  return { entry: { path, type, mode: mode & 0o7777, mtimeNs, size, target, deleted }, seal: marks?.[2] };
};
