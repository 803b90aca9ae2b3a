import type { Header } from 'tar-stream';
import type { Entry, EntryType } from './entry.js';
import { formatPaxTime } from './timestamp.js';

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
