import { changed, failed, refused, restored, unsafe, us } from './awkward-image.js';
import type { Awkward } from './awkward-image.js';
import { block, directory, file, hardLink, long, pax, symlink, tar, withField } from './tar-by-hand.js';

const deep = `${'d/'.repeat(60)}${'x'.repeat(90)}`;
const longTarget = 't'.repeat(200);
const longLink = 'l'.repeat(150);
const colours = 'a\x1b[31mRED\x1b]0;title\x07';
const gnu = { format: 'gnu' } as const;

const hardLinks: Record<string, Awkward> = {
  'hard link first': restored(
    tar(hardLink('b', 'a'), file('a', 'data')),
    `file a 644 ${changed} #0`,
    `file b 644 ${changed} #0`,
  ),
  'hard link to nothing': failed(tar(file('a'), hardLink('b', 'ghost')), 'its target ghost is not there'),
  'hard link to a symlink': failed(tar(symlink('a', 'x'), hardLink('b', 'a')), 'its target a is a symlink'),
  'hard link to a directory': failed(tar(directory('d'), hardLink('h', 'd')), 'its target d is a directory'),
  'hard link to itself': failed(tar(hardLink('a', 'a')), 'it is linked in a circle with a'),
  'hard link in the place of its file': unsafe(
    tar(file('a'), hardLink('a', 'a')),
    'takes the place of file a',
  ),
  'hard link through a symlink': failed(
    tar(symlink('s', 'd'), directory('d'), file('d/f'), hardLink('h', 's/f')),
    'its target s/f is not there',
  ),
  'hard link through a symlink that leads out': failed(
    tar(symlink('s', '/etc'), hardLink('h', 's/passwd')),
    'its target s/passwd is not there',
  ),
  'hard link with a mode and a time of its own': restored(
    tar(file('a', 'x', { mode: 0o600, mtime: 1_500_000_000 }), hardLink('b', 'a', { mode: 0o755 })),
    `file b 600 ${1_500_000_000 * us} #0`,
  ),
  'hard link with content': refused(
    tar(file('a'), hardLink('h', 'a', { content: 'x' })),
    'not supported: entry "h" is a link with content',
  ),
};

const places: Record<string, Awkward> = {
  'file twice': unsafe(tar(file('a', 'old'), file('a', 'new')), 'takes the place of file a'),
  'directory twice': unsafe(
    tar(directory('d'), file('d/a'), directory('d', { mode: 0o700 })),
    'takes the place of directory d',
  ),
  'root twice': unsafe(tar(directory('.'), directory('./'), file('a')), 'takes the place of directory .'),
  'directory after its files': restored(
    tar(file('d/a'), directory('d', { mode: 0o750 })),
    `directory d 750 ${changed}`,
  ),
  'file, then directory': unsafe(tar(file('a'), directory('a'), file('a/b')), 'takes the place of file a'),
  'symlink, then directory': unsafe(tar(symlink('a', '../outside'), directory('a')), 'of symlink a'),
  'file below a symlink': unsafe(tar(symlink('a', '../outside'), file('a/b')), 'lies below symlink a'),
  'symlinks that lead out': restored(
    tar(symlink('s', '../../etc/passwd'), symlink('abs', '/etc/passwd')),
    `symlink s 777 ${changed} ../../etc/passwd`,
  ),
  'absolute name': unsafe(tar(file('/etc/x')), '"/etc/x" is an absolute path'),
  'absolute root': unsafe(tar(directory('/'), file('a')), '"/" is an absolute path'),
  'dots inside a name': unsafe(tar(file('a/../b')), 'climbs out of the target'),
  'dots and slashes': restored(
    tar(directory('./'), directory('./d'), file('.//d/./b'), hardLink('./h', './d/b')),
    `file d/b 644 ${changed} #0`,
    `file h 644 ${changed} #0`,
  ),
  'mode and time of the root': restored(
    tar(directory('./', { mode: 0o700, mtime: 1_500_000_000 }), file('a')),
    `directory . 700 ${1_500_000_000 * us}`,
  ),
  'root that is a file': refused(tar(file('.', 'abc')), 'is the root, but a file'),
  'names in both normal forms': restored(
    tar(pax({ path: '\u00e9' }), file('x', '1'), pax({ path: 'e\u0301' }), file('y', '2')),
    'file e\u0301 644',
    'file \u00e9 644',
  ),
  'names that differ in case': restored(tar(file('A', '1'), file('a', '2')), 'file A 644', 'file a 644'),
  whiteouts: restored(tar(file('.wh.a', ''), file('.wh..wh..opq', '')), 'file .wh..wh..opq', 'file .wh.a'),
  'name in Latin-1': refused(tar(block({ name: Buffer.from([0x63, 0xe9]) })), 'has a name that is not UTF-8'),
};

const names: Record<string, Awkward> = {
  'long names of GNU': restored(
    tar(
      long('L', deep),
      file('short', 'deep', gnu),
      long('L', longLink),
      long('K', longTarget),
      symlink('short', 'short'),
      long('K', deep),
      hardLink('h', 'short'),
    ),
    `file ${deep} 644 ${changed} #0`,
    `file h 644 ${changed} #0`,
    `symlink ${longLink} 777 ${changed} ${longTarget}`,
  ),
  'long names of POSIX': restored(
    tar(
      pax({ path: deep }),
      file('short', 'deep'),
      pax({ path: longLink, linkpath: longTarget }),
      symlink('short', 'short'),
      pax({ linkpath: deep }),
      hardLink('h', 'short'),
    ),
    `file ${deep} 644 ${changed} #0`,
    `file h 644 ${changed} #0`,
    `symlink ${longLink} 777 ${changed} ${longTarget}`,
  ),
  'prefix of POSIX': restored(
    tar(withField(file('name'), 345, 'some/prefix')),
    `file some/prefix/name 644 ${changed} #0`,
  ),
  'a thousand directories': restored(
    tar(pax({ path: `${'a/'.repeat(1000)}f` }), file('f')),
    `file ${'a/'.repeat(1000)}f 644`,
  ),
  'ten thousand directories': refused(
    tar(pax({ path: `${'a/'.repeat(10_000)}f` }), file('f')),
    'not supported: entry "a/a/a/',
    'has a name of 20001 characters, and a path can have 4096',
  ),
  'a hundred thousand directories': refused(
    tar(pax({ path: `${'a/'.repeat(100_000)}f` }), file('f')),
    'has a name of 200001 characters',
  ),
  'colours in a name': unsafe(
    tar(file(colours, '1'), file(colours, '2')),
    String.raw`takes the place of file a\u001b[31mRED\u001b]0;title\u0007`,
  ),
  'colours in a hard link': failed(
    tar(file('ok'), hardLink('b\x1b[2J', 'g\x1b[2Jhost')),
    String.raw`hard link b\u001b[2J: its target g\u001b[2Jhost is not there`,
  ),
  'colours in a pipe': refused(
    tar(block({ name: 'p\x1b[2J', flag: '6' })),
    String.raw`entry "p\u001b[2J" is of a type`,
  ),
  'reversed text and C1 controls in a name': refused(
    tar(pax({ path: 'a\u202etxt.exe\u009b1m' }), block({ name: 'x', flag: '6' })),
    String.raw`entry "a\u202etxt.exe\u009b1m" is of a type`,
  ),
  'newlines in a name': failed(
    tar(file('a\nverified: every entry is as the image says\n'), hardLink('h\nx', 'ghost')),
    String.raw`hard link h\u000ax: its target ghost is not there`,
  ),
  'newlines in the name of something left out': {
    image: tar(pax({ 'SCHILY.xattr.user.x': 'v' }), file('a\nb')),
    status: 0,
    says: [String.raw`not restored: extended attributes (a\u000ab)`],
  },
  'names that a listing quotes': restored(
    tar(
      ...[
        '"',
        '\\',
        "'",
        '??=',
        ' ',
        'tab\t',
        'bell\x07',
        'a -> b',
        'a link to b',
        '\\303\\274',
        '#n',
        '-x',
        '文件 😀',
      ].flatMap((name, at) => [pax({ path: `${at}/${name}` }), file('a', `${at}`)]),
      pax({ linkpath: 'a" -> "b\n' }),
      symlink('s', 'short'),
    ),
    `file 5/tab\t 644 ${changed} `,
  ),
  'path record that is empty': refused(
    tar(pax({ path: '' }), file('a', 'abc')),
    'not supported: entry "" has an extended header with an empty path',
  ),
};

const modes: Record<string, Awkward> = {
  'closed directories and files': restored(
    tar(
      directory('d', { mode: 0 }),
      file('d/a', 'x', { mode: 0 }),
      directory('d/sub', { mode: 0o111 }),
      file('d/sub/b'),
      hardLink('h', 'd/a'),
      directory('.', { mode: 0o300 }),
    ),
  ),
  'setuid, setgid and sticky': {
    image: tar(
      file('su', '#!/bin/sh\n', { mode: 0o4755, uid: 1000 }),
      file('sg', 'x', { mode: 0o2755 }),
      directory('sticky', { mode: 0o1777 }),
      directory('sgd', { mode: 0o2775 }),
    ),
    status: 0,
    says: ['not restored: setuid, setgid or sticky bits (su, sg, sticky and 1 more)'],
    leaves: ['file su 755 ', 'file sg 755 ', 'directory sticky 777 ', 'directory sgd 775 '],
  },
  'mode with the bits of the type': restored(tar(file('a', 'x', { mode: 0o100644 })), 'file a 644 '),
};

/** Images whose entries are awkward: where they lead, what they are called and what they may do. */
export const awkwardTrees: Readonly<Record<string, Awkward>> = {
  ...hardLinks,
  ...places,
  ...names,
  ...modes,
};
