import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  awkwardDeleted,
  makeAwkwardTree,
  putLinksFirst,
} from '../../examples/checkpoint-restart/awkward-tree.js';
import { imageSource } from '../../examples/checkpoint-restart/image-source.js';
import { removeTree } from '../../examples/checkpoint-restart/temporary-folder.js';
import { isAsAsked } from '../../examples/checkpoint-restart/timestamp.js';
import {
  bound,
  canBeBound,
  craft,
  run,
  snapshot,
  temporary,
  workshop,
} from './checkpoint-restart-program.js';

const deleted = ['.nfs000000000012d68700000001', ...awkwardDeleted];
const deletedOptions = awkwardDeleted.flatMap((each) => ['--deleted', each]);

// Made once: no test changes them.
const shared = path.join(workshop, `checkpoint-restart-test-${randomUUID()}`);
const source = path.join(shared, 'source');
const inOrder = path.join(shared, 'image.tar');
const linksFirst = path.join(shared, 'links-first.tar');

beforeAll(async () => {
  mkdirSync(shared);
  chmodSync(shared, 0o755);
  mkdirSync(source);
  await makeAwkwardTree(source);
  const { status, stderr } = await run(['checkpoint', ...deletedOptions, source, inOrder]);
  if (status !== 0) throw new Error(`the image was not made:\n${stderr}`);
  // A hard link may come before the file that it is a link to.
  await putLinksFirst(await imageSource(inOrder), linksFirst, new AbortController().signal);
});
afterAll(() => removeTree(shared));

/** One number of the summary. */
const count = (stdout: string, pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? Number.NaN);

describe('checkpoint', () => {
  test('writes a tar that the tar of the system lists and extracts', async () => {
    const folder = temporary();
    const listed = execFileSync('tar', ['-tf', inOrder, '--quoting-style=literal'], { encoding: 'utf8' });
    const paths = snapshot(source).map((line) => line.split(' ', 2)[1]);
    expect(listed.trimEnd().split('\n')).toHaveLength(paths.length);
    expect(listed).toContain('ünïcödé/文件 😀\n');
    const extracted = path.join(folder, 'extracted');
    mkdirSync(extracted);
    execFileSync('tar', ['-xpf', inOrder, '-C', extracted], { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(snapshot(extracted)).toEqual(snapshot(source));
  });

  test('lists the entries without a warning, sorted, each directory before what is in it', async () => {
    const folder = temporary();
    const tree = path.join(folder, 'tree');
    mkdirSync(path.join(tree, 'b/c'), { recursive: true });
    for (const each of ['b/c/2', 'b/c/10', 'a', 'b.x']) writeFileSync(path.join(tree, each), each);
    const sorted = path.join(folder, 'sorted.tar');
    await run(['checkpoint', tree, sorted]);
    const listed = execFileSync('sh', ['-c', 'tar -tf "$0" 2>&1', sorted], { encoding: 'utf8' });
    expect(listed.trimEnd().split('\n')).toEqual(['./', 'a', 'b/', 'b/c/', 'b/c/10', 'b/c/2', 'b.x']);
  });

  test('writes the same image again where nothing has changed', async () => {
    const folder = temporary();
    const again = path.join(folder, 'again.tar');
    await run(['checkpoint', ...deletedOptions, source, again]);
    expect(readFileSync(again).equals(readFileSync(inOrder))).toBe(true);
  });

  test('leaves out an image inside the directory, and names what it skips', async () => {
    const tree = temporary();
    writeFileSync(path.join(tree, 'file'), 'content');
    execFileSync('mkfifo', [path.join(tree, 'pipe')]);
    const image = path.join(tree, 'image.tar');
    for (const _round of [1, 2]) {
      const { status, stdout } = await run(['checkpoint', tree, image]);
      expect(stdout).toContain('skipped: pipe pipe\n');
      expect(status).toBe(0);
      expect(execFileSync('tar', ['-tf', image], { encoding: 'utf8' })).toBe('./\nfile\n');
    }
  });

  test.skipIf(!canBeBound)('leaves no image behind where it cannot read something', async () => {
    const tree = temporary();
    mkdirSync(path.join(tree, 'closed'), { mode: 0 });
    const images = temporary();
    const { status, stderr } = await run(['checkpoint', tree, path.join(images, 'image.tar')], bound);
    expect(stderr).toContain('permission denied');
    expect(status).toBe(6);
    expect(readdirSync(images)).toEqual([]);
  });
});

describe('restart', () => {
  test('puts back every mode, time, link and byte, whatever the order of the image', async () => {
    const folder = temporary();
    for (const each of [inOrder, linksFirst]) {
      const target = path.join(folder, path.basename(each, '.tar'));
      const { status, stdout, stderr } = await run(['restart', each, target]);
      expect(stderr).not.toContain('error');
      expect(stdout).toContain('verified: every entry is as the image says');
      expect(status).toBe(0);
      expect(snapshot(target)).toEqual(snapshot(source, deleted));
      const names = ['first/shared', 'second/shared', 'zz-last'];
      expect(new Set(names.map((name) => statSync(path.join(target, name)).ino)).size).toBe(1);
      expect(statSync(path.join(target, 'attached/one')).ino).toBe(
        statSync(path.join(target, 'other/two')).ino,
      );
    }
  });

  test('runs every deferred work in its queue: hard links in those of the tasks, the rest in that of the operation', async () => {
    const folder = temporary();
    const { stdout } = await run(['restart', inOrder, path.join(folder, 'target')]);
    const tops = new Set(
      execFileSync('tar', ['-tf', inOrder], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.split('/', 1)[0])
        .filter((top) => top !== '' && top !== '.'),
    );
    const tasks = count(stdout, /in (\d+) tasks/);
    expect(tasks).toBe(tops.size);
    expect(stdout).toContain(`at the end of a task:     ${tasks} deferred, ${tasks} run, 0 failed`);
    expect(stdout).toContain("in the tasks' queues:     4 deferred, 4 run, 0 failed");
    const directories = snapshot(source).filter((line) => line.startsWith('directory'));
    const ofOperation = directories.length + 3 + deleted.length;
    expect(stdout).toContain(
      `in the operation's queue: ${ofOperation} deferred, ${ofOperation} run, 0 failed`,
    );
  });

  test.skipIf(!canBeBound)(
    'restores read-only directories for a user who may not write to them',
    async () => {
      const folder = temporary();
      const target = path.join(folder, 'target');
      expect((await run(['restart', inOrder, target], bound)).status).toBe(0);
      expect(snapshot(target)).toEqual(snapshot(source, deleted));
      const other = await run(['restart', '--without-deferral', inOrder, path.join(folder, 'other')], bound);
      expect(other.stdout).toContain('file readonly/secret: EACCES');
      expect(other.status).toBe(1);
    },
  );

  test.skipIf(!canBeBound)(
    'links to a file that comes later, and to a link that leads to it, across top-level entries',
    async () => {
      const folder = temporary();
      const image = path.join(folder, 'image.tar');
      writeFileSync(
        image,
        await craft([
          { name: 'a/to-link', type: 'link', linkname: 'b/to-file' },
          { name: 'b/to-file', type: 'link', linkname: 'c/file' },
          { name: 'c/file', content: 'shared', mode: 0o640 },
          { name: 'a', type: 'directory', mode: 0o500 },
          { name: 'c/', type: 'directory', mode: 0o555 },
          { name: 'a/later', content: 'the stream comes back to a task' },
        ]),
      );
      const target = path.join(folder, 'target');
      const { status, stdout } = await run(['restart', image, target], bound);
      expect(stdout).toContain('restored 6 entries in 3 tasks');
      expect(status).toBe(0);
      const file = lstatSync(path.join(target, 'c/file'));
      for (const name of ['a/to-link', 'b/to-file'])
        expect(lstatSync(path.join(target, name)).ino).toBe(file.ino);
      expect(file.mode & 0o777).toBe(0o640);
      for (const name of ['a', 'c']) {
        const { mtimeNs } = lstatSync(path.join(target, name), { bigint: true });
        expect(isAsAsked(mtimeNs, 1_600_000_000_000_000_000n), name).toBe(true);
      }
      expect(lstatSync(path.join(target, 'a')).mode & 0o777).toBe(0o500);
      expect(lstatSync(path.join(target, 'c')).mode & 0o777).toBe(0o555);
    },
  );

  test('restores what the tar of the system wrote', async () => {
    const folder = temporary();
    for (const format of ['gnu', 'posix']) {
      const image = path.join(folder, `${format}.tar`);
      execFileSync('tar', [`--format=${format}`, '-cf', image, '-C', source, '.']);
      const target = path.join(folder, format);
      const { status, stdout } = await run(['restart', image, target]);
      expect(status, stdout).toBe(0);
      const seconds = (line: string): string => line.replace(/ (-?\d+)\d{6} ?/, ' ');
      if (format === 'posix') expect(snapshot(target)).toEqual(snapshot(source));
      else expect(snapshot(target).map(seconds)).toEqual(snapshot(source).map(seconds));
    }
  });

  test('reads an image from a pipe, and verifies it by what came through', async () => {
    const folder = temporary();
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const target = path.join(folder, 'target');
    const ended = run(['restart', fifo, target]);
    const writer = await open(fifo, 'w');
    await writer.writeFile(readFileSync(inOrder));
    await writer.close();
    const { status, stdout } = await ended;
    expect(stdout).toContain('verified: every entry is as the image says');
    expect(status).toBe(0);
    expect(snapshot(target)).toEqual(snapshot(source, deleted));
  });

  test('comes out wrong without deferral', async () => {
    const folder = temporary();
    const target = path.join(folder, 'target');
    const { status, stdout } = await run(['restart', '--without-deferral', linksFirst, target]);
    expect(status).toBe(1);
    expect(count(stdout, /^(\d+) entries are wrong/m)).toBeGreaterThan(10);
    expect(stdout).toContain('hard link zz-last: its target first/shared is not there');
    expect(stdout).toContain('other/two: missing');
    expect(stdout).toMatch(/^ {2}readonly: time: expected 2017-\S+, found 20/m);
    expect(snapshot(target)).not.toEqual(snapshot(source, deleted));
  });
});

describe('demo', () => {
  test('compares both ways on a given directory and leaves nothing behind', async () => {
    const tree = temporary();
    mkdirSync(path.join(tree, 'folder'));
    writeFileSync(path.join(tree, 'folder/file'), 'content');
    const before = createHash('sha256').update(snapshot(tree).join('\n')).digest('hex');
    const { status, stdout, stderr } = await run(['demo', tree]);
    expect(stderr).not.toContain('error');
    expect(status).toBe(0);
    const row = (label: string): string[] =>
      (stdout.split('\n').find((line) => line.startsWith(label)) ?? '')
        .slice(label.length)
        .trim()
        .split(/ {2,}/);
    expect(row('entries')).toEqual(['3', expect.stringMatching(/^\d+$/)]);
    expect(row("works in the operation's queue: deferred / run / failed")[0]).toBe('2 / 2 / 0');
    expect(row('wrong entries with deferral')).toEqual(['0', '0']);
    for (const wrong of row('wrong entries without deferral')) expect(Number(wrong)).toBeGreaterThan(0);
    expect(stdout).toMatch(/^"restart" #\d+ +fulfilled +\S+ ms +─+═+$/m);
    const page = /look at in a browser: (.+)/.exec(stdout)?.[1] ?? '';
    expect(readFileSync(page, 'utf8')).toContain('<title>restart of the awkward tree</title>');
    const temporaryFolder = path.dirname(/awkward tree: (.+)/.exec(stdout)?.[1] ?? '');
    expect(temporaryFolder.startsWith(tmpdir())).toBe(true);
    expect(existsSync(temporaryFolder)).toBe(false);
    expect(createHash('sha256').update(snapshot(tree).join('\n')).digest('hex')).toBe(before);
  });
});

describe('arguments', () => {
  test('--help says how to use it and lists the exit statuses', async () => {
    const { status, stdout, stderr } = await run(['--help']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const each of ['checkpoint', 'restart', 'demo', '--deleted', '--without-deferral', 'Exit status']) {
      expect(stdout).toContain(each);
    }
  });

  test.each([
    [[], 'expected a command'],
    [['reboot'], 'unknown command reboot'],
    [['restart', '--sideways'], '--sideways'],
    [['restart', 'image.tar'], 'expected IMAGE and DIR'],
    [['restart', '--deleted', 'x', 'image.tar', 'target'], '--deleted is an option of checkpoint'],
  ])('%j is told what is wrong', async (args, message) => {
    const { status, stderr } = await run(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(status).toBe(2);
  });

  test('a --deleted that is not there is told, and nothing is written', async () => {
    const tree = temporary();
    const images = temporary();
    const { status, stderr } = await run([
      'checkpoint',
      '--deleted',
      'ghost',
      tree,
      path.join(images, 'x.tar'),
    ]);
    expect(stderr).toContain('--deleted ghost: there is no such file');
    expect(status).toBe(2);
    expect(readdirSync(images)).toEqual([]);
  });
});
