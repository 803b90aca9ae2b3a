import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeTree } from '../../examples/checkpoint-restart/temporary-folder.js';
import { awkwardHeaders } from './awkward-headers.js';
import { awkwardTrees } from './awkward-trees.js';
import {
  Running,
  bound,
  canBeBound,
  run,
  snapshot,
  temporary,
  workshop,
} from './checkpoint-restart-program.js';
import type { Ended } from './checkpoint-restart-program.js';
import { compiled, root } from './program.js';
import { file, hardLink, pax, symlink, tar } from './tar-by-hand.js';

const awkwardImages = { ...awkwardTrees, ...awkwardHeaders };

const hasGnuTar = ((): boolean => {
  try {
    return execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU tar');
  } catch {
    return false;
  }
})();

/** What may be printed as it is. A newline ends a line, which is checked apart from this. */
const unprintable = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

interface Restored extends Ended {
  readonly target: string;
}

/** Restores an image into a new directory; nothing but that may be made, and no stack is printed. */
const restore = async (image: Buffer, user: typeof bound = {}): Promise<Restored> => {
  const folder = temporary();
  const images = temporary();
  const place = path.join(images, 'image.tar');
  writeFileSync(place, image);
  const target = path.join(folder, 'target');
  const restored = { ...(await run(['restart', place, target], user)), target };
  checkTraces(restored);
  return restored;
};

/** Restores images in one process, each into a new directory. Returns how each ended, by its title. */
const restoreAll = async (images: Readonly<Record<string, Buffer>>): Promise<Map<string, Restored>> => {
  const folder = mkdtempSync(path.join(workshop, 'checkpoint-restart-test-'));
  afterAll(() => removeTree(folder));
  const places = Object.values(images).map((image, at) => {
    const own = path.join(folder, `${at}`);
    mkdirSync(own);
    writeFileSync(path.join(own, 'image.tar'), image);
    mkdirSync(path.join(own, 'out'));
    return [path.join(own, 'image.tar'), path.join(own, 'out', 'target')] as const;
  });
  const program = promisify(execFile)(
    process.execPath,
    [compiled('test/examples/many-restarts-program.ts')],
    { cwd: root, maxBuffer: 2 ** 26 },
  );
  program.child.stdin!.end(JSON.stringify(places));
  const ended = JSON.parse((await program).stdout) as Ended[];
  return new Map(
    Object.keys(images).map((title, at) => [title, { ...ended[at]!, target: places[at]![1] }] as const),
  );
};

/** Nothing but the target may be made, and no stack is printed. */
const checkTraces = ({ stdout, stderr, target }: Restored): void => {
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stdout + stderr).not.toMatch(unprintable);
  expect(readdirSync(path.dirname(target))).toEqual(['target']);
};

const verified = /^verified: every entry is as the image says, as read by this program and by GNU tar /m;

const check = ({ status, stdout, stderr, target }: Restored, title: string): void => {
  const expected = awkwardImages[title];
  if (expected === undefined) throw new Error('no such image');
  const output = status === 0 || status === 1 ? stdout : stderr;
  for (const words of expected.says ?? []) expect(output).toContain(words);
  expect([expected.status].flat(), stdout + stderr).toContain(status);
  // A name cannot make the line.
  if (status === 0 && hasGnuTar) expect(stdout).toMatch(verified);
  else if (status !== 0) expect(stdout).not.toMatch(/^verified/m);
  if (status === 1) expect(stdout).toMatch(/^1 entries are wrong \(time 1\)/m);
  const found = expected.leaves === undefined ? [] : snapshot(target);
  for (const line of expected.leaves ?? []) {
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${escaped(line)}`)));
  }
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

describe('an awkward image is restored as it is, or refused by what is awkward in it', () => {
  let all: Map<string, Restored>;
  beforeAll(async () => {
    const images = Object.entries(awkwardImages).map(([title, { image }]) => [title, image] as const);
    all = await restoreAll(Object.fromEntries(images));
  }, 120_000);

  test.each(Object.keys(awkwardImages))('%s', (title) => {
    const restored = all.get(title)!;
    checkTraces(restored);
    check(restored, title);
  });

  test.skipIf(!canBeBound)('closed directories and files, as a user without privileges', async () => {
    const title = 'closed directories and files';
    const restored = await restore(awkwardImages[title]?.image ?? Buffer.alloc(0), bound);
    check(restored, title);
    const mode = (at: string): number => lstatSync(path.join(restored.target, at)).mode & 0o7777;
    expect(['d', 'd/a', 'd/sub', 'd/sub/b', 'h', '.'].map(mode)).toEqual([0, 0, 0o111, 0o644, 0, 0o300]);
  });

  test('a chain of 20,000 hard links, each to one that comes later, is walked once', async () => {
    const links = Array.from({ length: 20_000 }, (_, at) => hardLink(`${at}`, `${at + 1}`));
    const { status, stdout } = await restore(tar(...links, file('20000')));
    expect(stdout).toContain("works in the tasks' queues:     20000 deferred, 20000 run, 0 failed");
    expect(status).toBe(0);
  }, 120_000);
});

describe.skipIf(!hasGnuTar)('an image of GNU tar', () => {
  const made = (...args: string[]): string => {
    const folder = temporary();
    const tree = path.join(folder, 'tree');
    mkdirSync(tree);
    writeFileSync(path.join(tree, 'holes'), 'x');
    truncateSync(path.join(tree, 'holes'), 5_000_000);
    writeFileSync(path.join(tree, 'old'), 'x');
    utimesSync(path.join(tree, 'old'), '-152496000', '-152496000');
    chmodSync(folder, 0o755);
    const image = path.join(folder, 'image.tar');
    execFileSync('tar', [...args, '-cf', image, '-C', tree, '.'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return image;
  };

  test.each([
    [['--format=posix', '-S'], 'has the extended header GNU.sparse.major'],
    [['--format=posix', '-S', '--sparse-version=0.0'], 'has the extended header GNU.sparse.size'],
    [['--format=posix', '-S', '--sparse-version=0.1'], 'has the extended header GNU.sparse.size'],
    [['--format=gnu', '-S'], 'is of a type that cannot be restored (sparse file of GNU)'],
    [['--format=gnu', '--listed-incremental=snapshot'], '(directory of an incremental GNU archive)'],
    [['--format=posix', '--listed-incremental=snapshot'], 'has the extended header GNU.dumpdir'],
  ])('made with %j is refused by name', async (args, words) => {
    const { status, stderr } = await run(['restart', made(...args), path.join(temporary(), 'target')]);
    expect(stderr).toContain('error: not supported: entry ');
    expect(stderr).toContain(words);
    expect(status).toBe(3);
  });

  test.each([
    [['--format=v7', '--exclude=old']],
    [['--format=oldgnu']],
    [['--format=gnu', '-Vmy label']],
    [['--format=ustar', '--exclude=old']],
    [['--format=posix', '-Vmy label']],
  ])('made with %j is restored, and read by both the same', async (args) => {
    const target = path.join(temporary(), 'target');
    const { status, stdout } = await run(['restart', made(...args), target]);
    expect(stdout).toMatch(verified);
    expect(stdout.includes('not restored: volume labels (')).toBe(args.join().includes('label'));
    expect(status).toBe(0);
    const old = lstatSync(path.join(target, 'old'), { throwIfNoEntry: false });
    expect(old === undefined || old.mtimeMs === -152_496_000_000).toBe(true);
  });
});

describe('a verification', () => {
  const image = (): string => {
    const place = path.join(temporary(), 'image.tar');
    writeFileSync(place, tar(file('a', 'abc'), file('b', ''), file('c', 'def'), symlink('s', 'a')));
    return place;
  };

  /** A folder for `PATH` with a tar that is not to be relied on. */
  const otherTar = (script: string): { PATH: string } => {
    const folder = temporary();
    writeFileSync(path.join(folder, 'tar'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  };

  const restart = async (env: Record<string, string>): Promise<Ended> => {
    const running = new Running(['restart', image(), path.join(temporary(), 'target')], {}, env);
    running.stdin.end();
    return running.ended;
  };

  test('says that it is alone where there is no GNU tar', async () => {
    for (const env of [{ PATH: temporary() }, otherTar('echo "bsdtar 3.7.2 - libarchive 3.7.2"')]) {
      const { status, stdout } = await restart(env);
      expect(stdout).toContain('as read by this program alone: there is no GNU tar\n');
      expect(status).toBe(0);
    }
  });

  const gnu = 'case "$*" in *--version*) echo "tar (GNU tar) 1.0"; exit;; esac\n';
  const lines = ['a"', 'b"', 'c"', 's" -> "a"'].map(
    (name, at) =>
      `${at === 3 ? 'lrw-r--r--' : '-rw-r--r--'} 0/0 ${at % 2 ? 0 : 3} 2020-09-13 12:26:40 "${name}`,
  );
  const lists = (listing: readonly string[], contents = 'abcdef'): string =>
    `${gnu}case "$*" in *--list*) cat <<'E'\n${listing.join('\n')}\nE\n;; *) printf '${contents}';; esac`;

  test.each<[string, readonly string[], string]>([
    [
      'another time',
      [lines[0]?.replace('12:26:40', '12:26:41.5') ?? ''],
      'a: second reading: GNU tar 1.0 reads time 2020-09-13T12:26:41.500000000Z, and we read 2020-09-13T12:26:40.000000000Z',
    ],
    [
      'another mode',
      [lines[0]?.replace('-rw-', '-rwS') ?? ''],
      'a: second reading: GNU tar 1.0 reads mode 4644, and we read 644',
    ],
    ['another size', [lines[0]?.replace(' 3 ', ' 4 ') ?? ''], 'reads size 4, and we read 3'],
    [
      'another name',
      [lines[0]?.replace('"a"', '"\\303\\274"') ?? ''],
      'ü: second reading: GNU tar 1.0 reads a file that we do not',
    ],
    ['what we cannot read', ['?rw-r--r-- what'], '.: second reading: GNU tar 1.0 lists ?rw-r--r-- what'],
  ])('finds %s in the reading of GNU tar', async (_title, first, words) => {
    const { status, stdout } = await restart(otherTar(lists([...first, ...lines.slice(1)])));
    expect(stdout).toContain(words);
    expect(status).toBe(1);
  });

  test('finds other content, and agrees where everything is the same', async () => {
    const other = await restart(otherTar(lists(lines, 'abcdeF')));
    expect(other.stdout).toContain('c: second reading: GNU tar 1.0 reads content ');
    expect(other.stdout).toContain('1 entries are wrong (second reading 1)');
    expect(other.status).toBe(1);
    const same = await restart(otherTar(lists(lines)));
    expect(same.stdout).toContain('as read by this program and by GNU tar 1.0\n');
    expect(same.status).toBe(0);
  });

  test('finds that GNU tar cannot read the image', async () => {
    const { status, stdout } = await restart(otherTar(`${gnu}echo 'tar: no' >&2; exit 2`));
    expect(stdout).toContain('.: second reading: GNU tar 1.0 says tar: no\n');
    expect(stdout).toContain('a: second reading: GNU tar 1.0 reads no such entry\n');
    expect(status).toBe(1);
  });
});

describe('a time', () => {
  const times: [string, bigint][] = [
    ['0', 0n],
    ['0.000001', 1_000n],
    ['1600000000', 1_600_000_000_000_000_000n],
    ['1600000000.5', 1_600_000_000_500_000_000n],
    ['1600000000.123456', 1_600_000_000_123_456_000n],
    ['1600000000.123456789', 1_600_000_000_123_456_789n],
    ['1600000000.999999999', 1_600_000_000_999_999_999n],
    ['-0.5', -500_000_000n],
    ['-14182940.123456', -14_182_940_123_456_000n],
  ];
  let all: Map<string, Restored>;
  beforeAll(async () => {
    const images = times.map(([mtime]) => [mtime, tar(pax({ mtime }), file('a'))] as const);
    all = await restoreAll(Object.fromEntries(images));
  }, 120_000);

  test.each(times)('of %s seconds is put back in its microsecond, and no 240 ns off', (mtime, ns) => {
    const { status, target } = all.get(mtime)!;
    expect(status).toBe(0);
    const found = lstatSync(path.join(target, 'a'), { bigint: true }).mtimeNs;
    expect(found / 1000n).toBe(ns / 1000n);
    // Node.js before 24 cuts the time to the microsecond.
    const cut = found === (ns / 1000n) * 1000n;
    const off = found > ns ? found - ns : ns - found;
    expect(cut || off < 240n, `${found}`).toBe(true);
    if (ns % 1_000_000_000n === 0n) expect(found).toBe(ns);
  });
});
