import { corruptEntry, notSupported } from './broken-image.js';
import type { Entry, EntryType } from './entry.js';
import type { LeftOut } from './pax-records.js';
import type { Member } from './read-members.js';
import { isText, longestPath, safePath } from './safe-path.js';
import { isRepresentable, parsePaxTime } from './timestamp.js';

const entryTypes = new Map<string, EntryType>([
  ['0', 'file'],
  ['\0', 'file'],
  // A contiguous file is like any other.
  ['7', 'file'],
  ['5', 'directory'],
  ['2', 'symlink'],
  ['1', 'link'],
]);

/** Types that are refused, by their names. */
const otherTypes = new Map([
  ['3', 'character device'],
  ['4', 'block device'],
  ['6', 'fifo'],
  ['D', 'directory of an incremental GNU archive'],
  ['M', 'rest of a file in a multi-volume GNU archive'],
  ['N', 'list of long names of an old GNU archive'],
  ['S', 'sparse file of GNU'],
]);

const typeOf = ({ name, flag }: Member): EntryType => {
  const type = entryTypes.get(flag);
  if (type === undefined) {
    const known = otherTypes.get(flag) ?? `unknown, ${JSON.stringify(flag)}`;
    throw notSupported(name, `is of a type that cannot be restored (${known})`);
  }
  // v7 has no type for directories.
  return type === 'file' && flag !== '7' && name.endsWith('/') ? 'directory' : type;
};

export interface Described {
  readonly entry: Entry;
  /** What the entry carries if this program wrote it. */
  readonly seal: string | undefined;
  readonly leftOut: readonly LeftOut[];
}

/** The entry that a member of a tar describes. */
export const describeMember = (member: Member): Described => {
  const { name, linkname, mode, size, records } = member;
  const bad = (why: string) => corruptEntry(name, why);
  const type = typeOf(member);
  if (!isText(name + linkname)) throw notSupported(name, 'has a name that is not UTF-8');
  const path = safePath(name);
  if (path === '' && type !== 'directory') throw bad(`is the root, but a ${type}`);
  // Some programs write a size that no content follows, some write content: where the next header is, nobody says.
  if (size !== 0 && type !== 'file') throw notSupported(name, `is a ${type} with content`);

  const record = records.get('mtime');
  const mtimeNs = record === undefined ? member.mtime * 1_000_000_000n : parsePaxTime(record);
  if (mtimeNs === undefined || !isRepresentable(mtimeNs)) throw bad('has an unreadable modification time');

  if (type === 'symlink' && (linkname === '' || linkname.includes('\0'))) throw bad('has no link target');
  if (linkname.length > longestPath) throw notSupported(name, 'has a link target that is too long');
  const target =
    type === 'symlink' ? linkname : type === 'link' ? safePath(linkname, 'hard link target') : '';

  const marks = /^deferqueue( deleted)? sha256=([0-9a-f]{64})$/.exec(records.get('comment') ?? '');
  const deleted = marks?.[1] !== undefined;
  if (deleted && type !== 'file' && type !== 'link') throw bad(`is a ${type} that is marked as deleted`);
  const entry: Entry = { path, type, mode, mtimeNs, size, target, deleted };
  const hasSpecialBits = type !== 'symlink' && type !== 'link' && (mode & 0o7000) !== 0;
  const leftOut: LeftOut[] = [...member.leftOut];
  if (hasSpecialBits) leftOut.push('setuid, setgid or sticky bits');
  return { entry, seal: marks?.[2], leftOut };
};
