import { corruptEntry, notSupported } from './broken-image.js';

/** The records of extended headers. */
export type Records = ReadonlyMap<string, string>;

/** What an image has and a restart does not put back. */
export type LeftOut =
  | 'setuid, setgid or sticky bits'
  | 'extended attributes'
  | 'access control lists'
  | 'file flags'
  | 'volume labels';

/** Records whose value is applied. `size` is needed to find the next header, too. */
const applied = new Set(['path', 'linkpath', 'size', 'mtime']);

export const isApplied = (key: string): boolean => applied.has(key);

/** Records that say nothing about what a restart puts back. */
const harmless = new Set([
  'atime',
  'ctime',
  'uid',
  'gid',
  'uname',
  'gname',
  'comment',
  'LIBARCHIVE.creationtime',
  'LIBARCHIVE.symlinktype',
  'SCHILY.dev',
  'SCHILY.ino',
  'SCHILY.nlink',
]);

/** Records with what has to be said to be left out. */
const leftOut: readonly (readonly [RegExp, LeftOut])[] = [
  [/^(SCHILY|LIBARCHIVE)\.xattr\./, 'extended attributes'],
  [/^RHT\.security\.selinux$/, 'extended attributes'],
  [/^SCHILY\.acl\./, 'access control lists'],
  [/^SCHILY\.fflags$/, 'file flags'],
  [/^GNU\.volume\.label$/, 'volume labels'],
];

const utf8 = new Set(['ISO-IR 10646 2000 UTF-8', 'UTF-8']);

/** Reads the records of an extended header: length, space, key, `=`, value, newline. */
export const readRecords = (header: Buffer, name: string): Records => {
  const records = new Map<string, string>();
  for (let at = 0; at < header.length;) {
    const digits = /^([1-9]\d{0,9}) /.exec(header.toString('latin1', at, at + 11))?.[1];
    const end = at + Number(digits ?? Number.NaN);
    const text = header.toString('utf8', at + (digits?.length ?? 0) + 1, end - 1);
    const equals = text.indexOf('=');
    // A comparison with NaN is false.
    if (!(end <= header.length) || header[end - 1] !== 0x0a || equals <= 0) {
      throw corruptEntry(name, 'has an unreadable extended header');
    }
    records.set(text.slice(0, equals), text.slice(equals + 1));
    at = end;
  }
  return records;
};

/** What the records of an entry have that is left out; throws for a record that is not understood. */
export const checkRecords = (records: Records, name: string): LeftOut[] => {
  const found: LeftOut[] = [];
  for (const [key, value] of records) {
    if (isApplied(key)) {
      // To POSIX it stands for the value of the plain header; not every program reads it so.
      if (value === '') throw notSupported(name, `has an extended header with an empty ${key}`);
    } else if (key === 'charset' || key === 'hdrcharset') {
      if (!utf8.has(value)) throw notSupported(name, `has the extended header ${key}=${value}`);
    } else if (!harmless.has(key)) {
      const kind = leftOut.find(([pattern]) => pattern.test(key))?.[1];
      if (kind === undefined) throw notSupported(name, `has the extended header ${key}`);
      found.push(kind);
    }
  }
  return found;
};
