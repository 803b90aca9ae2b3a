import { changed, refused, restored, us } from './awkward-image.js';
import type { Awkward } from './awkward-image.js';
import { block, directory, end, file, hardLink, pax, tar, withField } from './tar-by-hand.js';

const gnu = { format: 'gnu' } as const;
const v7 = { format: 'v7' } as const;

const numbers: Record<string, Awkward> = {
  'large owner of POSIX': restored(tar(pax({ uid: String(2 ** 40), gid: '9' }), file('a'))),
  'large owner of GNU': restored(tar(file('a', 'x', { uid: 2 ** 40, ...gnu }))),
  'time before 1970 of POSIX': restored(
    tar(pax({ mtime: '-86400.25' }), file('a')),
    `file a 644 ${-86_400_250_000} `,
  ),
  'time before 1970 of GNU': restored(
    tar(file('a', 'x', { mtime: -86_400, ...gnu })),
    `file a 644 ${-86_400_000_000} `,
  ),
  'the second before 1970 of GNU': restored(
    tar(file('a', 'x', { mtime: -1, ...gnu })),
    `file a 644 ${-1_000_000} `,
  ),
  // A file system may not go as far as 2514.
  'far time of GNU': { image: tar(file('a', 'x', { mtime: 2 ** 34, ...gnu })), status: [0, 1] },
  'far time of POSIX': { image: tar(pax({ mtime: String(2 ** 34) }), file('a')), status: [0, 1] },
  'time below the nanosecond before 1970': restored(tar(pax({ mtime: '-1.0000000001' }), file('a'))),
  'time after all dates': refused(
    tar(pax({ mtime: '99999999999999' }), file('a')),
    'has an unreadable modification time',
  ),
  'time that is no number': refused(
    tar(pax({ mtime: 'abc' }), file('a')),
    'has an unreadable modification time',
  ),
  'time to the microsecond': restored(
    tar(pax({ mtime: '1600000000.123456' }), file('a')),
    'file a 644 1600000000123456 ',
  ),
  'time to the nanosecond': restored(
    tar(pax({ mtime: '1600000000.123456999' }), file('a')),
    'file a 644 1600000000123456 ',
  ),
  'size record': restored(tar(pax({ size: '3' }), file('a', 'abc', { size: 3 }))),
  'size only in a record': restored(
    tar(pax({ size: '3' }), withField(file('a', 'abc'), 124, '00000000000\0')),
    'file a 644 ',
  ),
  'blank fields': refused(tar(withField(file('a', ''), 100, ' '.repeat(48))), 'has an unreadable mode'),
  'fields of NULs': restored(tar(withField(file('a', ''), 100, '\0'.repeat(48))), 'file a 0 0 '),
  'mode that is no number': refused(tar(withField(file('a'), 100, 'rwxr--\0 ')), 'has an unreadable mode'),
  'negative size': refused(tar(file('a', 'x', { size: -1, ...gnu })), 'has an unreadable size'),
};

const oldFormats: Record<string, Awkward> = {
  'v7 with a directory': restored(
    tar(
      block({ name: 'd/', flag: '\0', mode: 0o750, ...v7 }),
      file('d/a', 'abc', { flag: '\0', ...v7 }),
      hardLink('d/h', 'd/a', v7),
      block({ name: 'd/s', flag: '2', linkname: 'a', ...v7 }),
    ),
    `directory d 750 ${changed}`,
    `file d/h 644 ${changed} #0`,
    `symlink d/s 777 ${changed} a`,
  ),
  'v7 hard link with a size': refused(
    tar(file('a', 'abc', v7), hardLink('h', 'a', { size: 3, ...v7 })),
    'not supported: entry "h" is a link with content',
  ),
  'directory with a size': refused(
    tar(directory('d/', { size: 512, ...v7 }), file('d/a')),
    'not supported: entry "d/" is a directory with content',
  ),
  'directory as a file with a slash': restored(
    tar(block({ name: 'd/', mode: 0o755 }), file('d/a')),
    `directory d 755 ${changed}`,
  ),
  'file with a slash and content': refused(
    tar(file('x/', 'abc')),
    'not supported: entry "x/" is a directory with content',
  ),
  'contiguous file': restored(tar(file('a', 'cont', { flag: '7' })), 'file a 644 '),
  'volume label of GNU': {
    image: tar(block({ name: 'my backup', flag: 'V', ...gnu }), file('a')),
    status: 0,
    says: ['not restored: volume labels (my backup)'],
    leaves: ['file a 644 '],
  },
  'incremental of GNU': refused(
    tar(block({ name: 'd/', flag: 'D', content: 'Ya\0\0', ...gnu }), file('d/a')),
    'not supported: entry "d/" is of a type that cannot be restored (directory of an incremental GNU archive)',
  ),
  'incremental of POSIX': refused(
    tar(pax({ 'GNU.dumpdir': 'Ya\0\0' }), directory('d')),
    'not supported: entry "d" has the extended header GNU.dumpdir',
  ),
  'second volume of GNU': refused(
    tar(block({ name: 'a', flag: 'M', content: 'rest', ...gnu })),
    'not supported: entry "a" is of a type that cannot be restored (rest of a file in a multi-volume GNU archive)',
  ),
  'second volume of POSIX': refused(
    tar(pax({ 'GNU.volume.filename': 'a', 'GNU.volume.offset': '512' }, 'g'), file('a', 'rest')),
    'has the extended header GNU.volume.filename',
  ),
  'first volume': refused(
    file('a', Buffer.alloc(20_480)).subarray(0, 10_240),
    'is truncated: it ends 10240 bytes in, at or after file a',
    'multi-volume archives are not supported',
  ),
  'sparse file of GNU': refused(
    tar(block({ name: 'a', flag: 'S', content: 'x', ...gnu })),
    'not supported: entry "a" is of a type that cannot be restored (sparse file of GNU)',
  ),
  'format of star': refused(
    tar(withField(file('a'), 508, 'tar\0')),
    'not supported: entry "a" is in a format of star',
  ),
  'unknown format': refused(
    tar(withField(file('a'), 257, 'USTAR!')),
    'not supported: entry "a" is in an unknown format',
  ),
  'unknown type': refused(
    tar(block({ name: 'a', flag: 'A' })),
    'entry "a" is of a type that cannot be restored (unknown, "A")',
  ),
  pipe: refused(
    tar(file('a'), block({ name: 'p', flag: '6' })),
    'entry "p" is of a type that cannot be restored (fifo)',
  ),
  device: refused(tar(block({ name: 'n', flag: '3' })), '(character device)'),
};

const extensions: Record<string, Awkward> = {
  'global comment': restored(tar(pax({ comment: '0123456789abcdef' }, 'g'), file('a'), file('b'))),
  'global time': restored(
    tar(pax({ mtime: '1500000000' }, 'g'), file('a'), pax({ mtime: '1400000000' }), file('b')),
    `file a 644 ${1_500_000_000 * us} `,
    `file b 644 ${1_400_000_000 * us} `,
  ),
  'two global headers': refused(
    tar(pax({ mtime: '1500000000' }, 'g'), file('a'), pax({ comment: 'x' }, 'g'), file('b')),
    'is a second global header, without the mtime of the first',
  ),
  'two global headers of the same kind': restored(
    tar(pax({ comment: '1' }, 'g'), file('a'), pax({ comment: '2', mtime: '1500000000' }, 'g'), file('b')),
    `file a 644 ${changed} `,
    `file b 644 ${1_500_000_000 * us} `,
  ),
  'global header that is not understood': refused(
    tar(pax({ 'VENDOR.secret': '1' }, 'g'), file('a')),
    'has the extended header VENDOR.secret',
  ),
  'header that is not understood': refused(
    tar(pax({ 'VENDOR.secret': '1' }), file('a')),
    'not supported: entry "a" has the extended header VENDOR.secret',
  ),
  'sparse 0.0': refused(
    tar(pax({ 'GNU.sparse.size': '9', 'GNU.sparse.numblocks': '1' }), file('a')),
    'not supported: entry "a" has the extended header GNU.sparse.size',
  ),
  'sparse 1.0': refused(
    tar(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'a' }), file('GNUSparseFile.1/a')),
    'has the extended header GNU.sparse.major',
  ),
  'size of star': refused(tar(pax({ 'SCHILY.realsize': '9' }), file('a')), 'extended header SCHILY.realsize'),
  'character set of names': refused(
    tar(pax({ hdrcharset: 'BINARY', path: 'a' }), file('a')),
    'has the extended header hdrcharset=BINARY',
  ),
  'UTF-8 as the character set': restored(
    tar(pax({ hdrcharset: 'ISO-IR 10646 2000 UTF-8', path: 'ü' }), file('a')),
    'file ü 644 ',
  ),
  'extended attributes': {
    image: tar(pax({ 'SCHILY.xattr.user.x': 'v', 'LIBARCHIVE.xattr.user.x': 'dg==' }), file('a')),
    status: 0,
    says: ['not restored: extended attributes (a)'],
    leaves: ['file a 644 '],
  },
  'access control lists': {
    image: tar(pax({ 'SCHILY.acl.access': 'user::rw-' }), file('a')),
    status: 0,
    says: ['not restored: access control lists (a)'],
  },
  'header with a wrong length': refused(
    tar(block({ name: 'p', flag: 'x', content: '99 path=a\n' }), file('b')),
    'has an unreadable extended header',
  ),
  'two headers for one entry': refused(
    tar(pax({ path: 'a' }), pax({ path: 'b' }), file('c')),
    'is the second extended header of an entry',
  ),
  'header without an entry': refused(tar(file('a'), pax({ path: 'b' })), 'it ends with an extended header'),
};

const ends: Record<string, Awkward> = {
  empty: restored(tar()),
  'more zeros': restored(Buffer.concat([tar(file('a')), Buffer.alloc(1 << 20)])),
  'no end': refused(file('a'), 'is truncated: it ends 1024 bytes in'),
  'half an end': refused(Buffer.concat([file('a'), end.subarray(512)]), 'is truncated'),
  'garbage after the end': refused(
    Buffer.concat([tar(file('a')), Buffer.alloc(700, 'G')]),
    'data after its end',
  ),
  'two tars': refused(Buffer.concat([tar(file('a')), tar(file('b'))]), 'is corrupt: zeros before "b"'),
  'two tars, the first without its end': restored(
    Buffer.concat([file('a'), tar(file('b'))]),
    'file a',
    'file b',
  ),
};

/** Images whose headers are awkward: numbers, formats, extensions, and the end. */
export const awkwardHeaders: Readonly<Record<string, Awkward>> = {
  ...numbers,
  ...oldFormats,
  ...extensions,
  ...ends,
};
