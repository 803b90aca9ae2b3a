import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../examples/checkpoint-restart/entry.js';
import { Fault, exitStatus } from '../../examples/checkpoint-restart/exit-status.js';
import { imageSource } from '../../examples/checkpoint-restart/image-source.js';
import { Progress } from '../../examples/checkpoint-restart/progress.js';
import { putFile } from '../../examples/checkpoint-restart/put.js';
import { ImageIndex, passOver, readImage } from '../../examples/checkpoint-restart/read-image.js';
import { restart } from '../../examples/checkpoint-restart/restart.js';
import { restartWithoutDeferral } from '../../examples/checkpoint-restart/without-deferral.js';
import { Running, bound, canBeBound, craft, run, snapshot, temporary } from './checkpoint-restart-program.js';
import type { Crafted, Ended } from './checkpoint-restart-program.js';

/** Restores an image next to a canary; neither it nor anything else around the target may change. */
const restore = async (image: Buffer, ...options: string[]): Promise<Ended & { target: string }> => {
  const folder = temporary();
  const images = temporary();
  mkdirSync(path.join(folder, 'outside'));
  writeFileSync(path.join(folder, 'outside/canary'), 'alive');
  writeFileSync(path.join(images, 'image.tar'), image);
  const target = path.join(folder, 'target');
  const before = snapshot(path.join(folder, 'outside'));
  const ended = await run(['restart', ...options, path.join(images, 'image.tar'), target]);
  expect(ended.stderr).not.toMatch(/^ {4}at /m);
  expect(snapshot(path.join(folder, 'outside'))).toEqual(before);
  expect(readdirSync(folder).filter((name) => name !== 'target')).toEqual(['outside']);
  return { ...ended, target };
};

describe('an image that cannot be trusted', () => {
  const file = { name: 'file', content: 'content' };
  const escapes: Record<string, readonly Crafted[]> = {
    'a name that climbs out': [{ name: '../outside/x', content: 'x' }],
    'a name that climbs out further down': [file, { name: 'a/../../outside/canary', content: 'x' }],
    'an absolute name': [{ name: '/tmp/checkpoint-restart-test-absolute', content: 'x' }],
    'an empty name': [{ name: '', content: 'x' }],
    'a hard link to what is outside': [{ name: 'a', type: 'link', linkname: '../outside/canary' }],
    'a hard link to an absolute path': [{ name: 'a', type: 'link', linkname: '/etc/passwd' }],
    'a file through a symlink': [
      { name: 'a', type: 'symlink', linkname: '../outside' },
      { name: 'a/x', content: 'x' },
    ],
    'a hard link through a symlink': [
      file,
      { name: 'a', type: 'symlink', linkname: '../outside' },
      { name: 'a/x', type: 'link', linkname: 'file' },
    ],
    'a directory in the place of a symlink': [
      { name: 'a', type: 'symlink', linkname: '../outside' },
      { name: 'a', type: 'directory', mode: 0o777 },
    ],
    'a symlink in the place of a directory': [
      { name: 'a/x', content: 'x' },
      { name: 'a', type: 'symlink', linkname: '../outside' },
    ],
    'a file in the place of a symlink': [
      { name: 'a', type: 'symlink', linkname: '../outside/canary' },
      { name: 'a', content: 'x' },
    ],
    'a name that comes twice': [file, file],
    'an entry below a file': [file, { name: 'file/x', content: 'x' }],
  };
  test.each(Object.keys(escapes))(
    '%s is refused, and nothing outside the target is touched',
    async (name) => {
      const { status, stderr } = await restore(await craft(escapes[name] ?? []));
      expect(stderr).toMatch(/^error: unsafe entry: /m);
      expect(status).toBe(4);
      expect(existsSync('/tmp/checkpoint-restart-test-absolute')).toBe(false);
    },
  );

  test.each(Object.keys(escapes))('%s is refused without deferral, too', async (name) => {
    const folder = temporary();
    const image = path.join(folder, 'image.tar');
    mkdirSync(path.join(folder, 'outside'));
    writeFileSync(path.join(folder, 'outside/canary'), 'alive');
    writeFileSync(image, await craft(escapes[name] ?? []));
    const before = snapshot(path.join(folder, 'outside'));
    const options = { signal: new AbortController().signal, progress: new Progress('silent') };
    await expect(
      restartWithoutDeferral(await imageSource(image), path.join(folder, 'target'), options),
    ).rejects.toMatchObject({ status: exitStatus.unsafe });
    expect(snapshot(path.join(folder, 'outside'))).toEqual(before);
    expect(existsSync('/tmp/checkpoint-restart-test-absolute')).toBe(false);
  });

  test('a hard link through a symlink that leads out is never made', async () => {
    const entries: Crafted[] = [
      { name: 'way', type: 'symlink', linkname: '../outside' },
      { name: 'a', type: 'link', linkname: 'way/canary' },
    ];
    const deferred = await restore(await craft(entries));
    expect(deferred.stderr).toContain('hard link a: its target way/canary is not there');
    expect(deferred.status).toBe(7);
    const inPlace = await restore(await craft(entries), '--without-deferral');
    expect(inPlace.status).toBe(1);
    for (const { target } of [deferred, inPlace]) expect(existsSync(path.join(target, 'a'))).toBe(false);
  });

  test('what somebody else puts into the target meanwhile is neither written over nor written through', async () => {
    const folder = temporary();
    const canary = path.join(folder, 'canary');
    writeFileSync(canary, 'alive');
    symlinkSync(canary, path.join(folder, 'link'));
    symlinkSync(path.join(folder, 'new'), path.join(folder, 'dangling'));
    const entry: Entry = {
      path: 'x',
      type: 'file',
      mode: 0o600,
      mtimeNs: 0n,
      size: 1,
      target: '',
      deleted: false,
    };
    for (const name of ['canary', 'link', 'dangling']) {
      await expect(putFile(path.join(folder, name), entry, Buffer.from('x'))).rejects.toThrow('EEXIST');
    }
    expect(readFileSync(canary, 'utf8')).toBe('alive');
    expect(readdirSync(folder).toSorted()).toEqual(['canary', 'dangling', 'link']);
  });

  test('works that fail are named, and stop no other work', async () => {
    const { status, stderr, target } = await restore(
      await craft([
        { name: 'd/', type: 'directory', mode: 0o750 },
        { name: 'd/a', type: 'link', linkname: 'd/b' },
        { name: 'd/b', type: 'link', linkname: 'd/a' },
        { name: 'd/c', type: 'link', linkname: 'ghost' },
        { name: 'd/e', type: 'symlink', linkname: 'anywhere' },
        { name: 'd/f', type: 'link', linkname: 'd/e' },
      ]),
    );
    expect(stderr).toContain('error: 4 work items failed');
    expect(stderr).toContain('hard link d/a: it is linked in a circle');
    expect(stderr).toContain('hard link d/c: its target ghost is not there');
    expect(stderr).toContain('hard link d/f: its target d/e is a symlink');
    expect(status).toBe(7);
    expect(snapshot(target).slice(1)).toEqual([
      'directory d 750 1600000000000000',
      'symlink d/e 777 1600000000000000 anywhere',
    ]);
  });

  test('a name that is not UTF-8 is refused rather than changed', async () => {
    const image = await craft([{ name: 'name-12', content: 'x' }]);
    image[5] = 0xe9;
    image.write(' '.repeat(8), 148);
    const sum = image.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    image.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const { status, stderr } = await restore(image);
    expect(stderr).toContain('has a name that is not UTF-8');
    expect(status).toBe(3);
  });

  test('an entry of an unsupported type is named', async () => {
    const { status, stderr } = await restore(await craft([file, { name: 'pipe', type: 'fifo' }]));
    expect(stderr).toContain('entry "pipe" is of a type that cannot be restored (fifo)');
    expect(stderr).toContain('whatever follows file file in the image was not restored');
    expect(status).toBe(3);
  });
});

let made: Buffer | undefined;

/** A small image with everything that a seal covers. */
const sealed = async (): Promise<Buffer> => {
  if (made !== undefined) return made;
  const folder = temporary();
  const tree = path.join(folder, 'tree');
  mkdirSync(tree);
  writeFileSync(path.join(tree, '.nfs000000000000000100000002'), 'deleted');
  writeFileSync(path.join(tree, 'file'), 'content');
  symlinkSync('file', path.join(tree, 'link'));
  const image = path.join(folder, 'image.tar');
  expect((await run(['checkpoint', tree, image])).status).toBe(0);
  made = readFileSync(image);
  return made;
};

const read = async (image: Buffer): Promise<ImageIndex> => {
  const index = new ImageIndex();
  const source = {
    label: 'image',
    size: image.length,
    read: () => Promise.resolve(Readable.from([image], { objectMode: false })),
  };
  for await (const item of readImage(source, { index, signal: new AbortController().signal }))
    await passOver(item);
  return index;
};

describe('an image that is damaged', () => {
  test.each([
    ['empty', () => Buffer.alloc(0), 'is truncated'],
    [
      'random',
      () => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 131 + 7) % 251)),
      'is corrupt, or not a tar',
    ],
    ['short', () => Buffer.from('not a tar at all'), 'is truncated'],
    ['cut in a header', (image: Buffer) => image.subarray(0, 700), 'is truncated'],
    ['cut between two entries', (image: Buffer) => image.subarray(0, image.length - 1024), 'is truncated'],
    ['cut in its end', (image: Buffer) => image.subarray(0, image.length - 512), 'is truncated'],
  ])('%s: it is said, and the status is 3', async (_title, damage, message) => {
    const { status, stderr } = await restore(damage(await sealed()));
    expect(stderr).toContain(message);
    expect(status).toBe(3);
  });

  test('a file that is cut in the middle is removed, and what was left undone is named', async () => {
    const image = await craft([
      { name: 'd/link', type: 'symlink', linkname: 'x' },
      { name: 'd/hard', type: 'link', linkname: 'd/large' },
      { name: 'd/large', content: Buffer.alloc(3_000_000, 1) },
    ]);
    const { status, stderr, target } = await restore(image.subarray(0, 2_000_000));
    expect(stderr).toMatch(/is truncated: it ends \d+ bytes in, at or after file d\/large/);
    expect(stderr).toContain('left undone: 5 (file: 1, hard link: 1, symlink: 1, directory: 2)');
    for (const each of ['file d/large', 'hard link d/hard', 'symlink d/link', 'directory d']) {
      expect(stderr).toContain(`  ${each}\n`);
    }
    expect(status).toBe(3);
    expect(snapshot(target).map((line) => line.split(' ', 2).join(' '))).toEqual([
      'directory .',
      'directory d',
    ]);
  });

  test('is recognised wherever it is cut', async () => {
    const image = await sealed();
    expect((await read(image)).entries.size).toBe(4);
    for (let length = 0; length < image.length; length += 128) {
      await expect(read(image.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        status: exitStatus.image,
      });
    }
  });

  test('is recognised whichever byte is wrong, unless the byte says nothing', async () => {
    const image = await sealed();
    const intact = await read(image);
    let recognised = 0;
    for (let at = 0; at < image.length; at += 3) {
      const damaged = Buffer.from(image);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      try {
        expect(await read(damaged), `byte ${at}`).toEqual(intact);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        expect([exitStatus.image, exitStatus.unsafe], `byte ${at}`).toContain(error.status);
        recognised++;
      }
    }
    expect(recognised).toBeGreaterThan(image.length / 12);
  });

  test('a wiped out header is recognised', async () => {
    const image = await craft([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    image.fill(0, 512, 1024);
    const { status, stderr } = await restore(image);
    expect(stderr).toContain('is corrupt: zeros before "c"');
    expect(status).toBe(3);
  });

  test('a file that is not there, or is a directory, is said', async () => {
    const folder = temporary();
    for (const [image, message] of [
      [path.join(folder, 'ghost.tar'), 'there is no such file'],
      [folder, 'it is a directory'],
    ] as const) {
      const { status, stderr } = await run(['restart', image, path.join(folder, 'target')]);
      expect(stderr).toContain(message);
      expect(status).toBe(3);
      expect(existsSync(path.join(folder, 'target'))).toBe(false);
    }
  });
});

describe('a target that cannot be taken', () => {
  const image = async (folder: string): Promise<string> => {
    const place = path.join(folder, 'image.tar');
    writeFileSync(
      place,
      await craft([
        { name: 'd/file', content: 'x' },
        { name: 'link', type: 'symlink', linkname: 'd' },
      ]),
    );
    return place;
  };

  test.each([[[]], [['--without-deferral']]])(
    'one that is not empty is left as it is %j',
    async (options) => {
      const folder = temporary();
      const target = path.join(folder, 'target');
      mkdirSync(target);
      writeFileSync(path.join(target, 'precious'), 'data');
      const before = snapshot(target);
      const place = await image(folder);
      const { status, stderr } = await run(['restart', ...options, place, target]);
      expect(stderr).toContain('is not an empty directory');
      expect(status).toBe(5);
      expect((await run(['restart', ...options, place, path.join(target, 'precious')])).status).toBe(5);
      expect(snapshot(target)).toEqual(before);
    },
  );

  test('an empty one keeps its mode where the image does not say one', async () => {
    const folder = temporary();
    const target = path.join(folder, 'target');
    mkdirSync(target, { mode: 0o710 });
    expect((await run(['restart', await image(folder), target])).status).toBe(0);
    expect(snapshot(target)[0]).toMatch(/^directory \. 710 /);
  });

  test.skipIf(!canBeBound)('one without permission is said, and what was left undone is named', async () => {
    const folder = temporary();
    const place = await image(folder);
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    const below = await run(['restart', place, path.join(closed, 'target')], bound);
    expect(below.stderr).toContain('error: permission denied: EACCES');
    expect(below.status).toBe(6);
    const itself = await run(['restart', place, closed], bound);
    expect(itself.stderr).toContain('error: permission denied: EACCES');
    expect(itself.stderr).toContain('  file d/file\n');
    expect(itself.stderr).toContain('  directory d\n');
    expect(itself.status).toBe(6);
    expect(readdirSync(closed)).toEqual([]);
  });

  test.skipIf(!canBeBound)('an image without permission is said', async () => {
    const folder = temporary();
    const place = await image(folder);
    execFileSync('chmod', ['0', place]);
    const { status, stderr } = await run(['restart', place, path.join(folder, 'target')], bound);
    expect(stderr).toContain('error: permission denied: EACCES');
    expect(status).toBe(6);
  });
});

describe('an interruption', () => {
  const begun = async (): Promise<{ running: Running; target: string }> => {
    const files = Array.from({ length: 7 }, (_, i) => ({ name: `d/${i}`, content: 'x' }));
    const image = await craft([
      { name: 'd', type: 'directory', mode: 0o500 },
      ...files,
      { name: 'e/hard', type: 'link', linkname: 'd/0' },
      { name: 'e/soft', type: 'symlink', linkname: '../d' },
      { name: 'large', content: Buffer.alloc(3_000_000) },
    ]);
    const target = path.join(temporary(), 'target');
    const running = new Running(['restart', '-', target]);
    // The image stops in the middle of the large file, and its writer stays.
    running.stdin.write(image.subarray(0, 1_000_000));
    await running.says('restart: 10 entries\n');
    return { running, target };
  };

  test.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
  ] as const)(
    '%s in the middle ends with %i and names what was left undone',
    async (signal, expected, message) => {
      const { running, target } = await begun();
      running.signal(signal);
      const { status, stdout, stderr } = await running.ended;
      expect(stderr).toContain(`error: ${message}\n`);
      expect(stderr).toContain('in the image was not restored');
      for (const each of [
        'hard link e/hard',
        'symlink e/soft',
        'directory e',
        'directory d',
        'directory .',
      ]) {
        expect(stderr).toContain(`  ${each}\n`);
      }
      expect(stdout).not.toContain('verified');
      expect(status).toBe(expected);
      expect(readdirSync(target).toSorted()).toEqual(['d', 'e']);
      expect(readdirSync(path.join(target, 'd'))).toHaveLength(7);
      expect(readdirSync(path.join(target, 'e'))).toEqual([]);
    },
  );

  test('at the boundary it cancels what is still queued, and names it', async () => {
    const folder = temporary();
    const image = path.join(folder, 'image.tar');
    writeFileSync(
      image,
      await craft([
        { name: 'file', content: 'x' },
        { name: 'hard', type: 'link', linkname: 'file' },
        { name: 'soft', type: 'symlink', linkname: 'file' },
      ]),
    );
    const interrupt = new AbortController();
    class Interrupting extends Progress {
      override end(): void {
        interrupt.abort(new Fault(exitStatus.interrupted, 'interrupted'));
      }
    }
    const target = path.join(folder, 'target');
    const options = { signal: interrupt.signal, progress: new Interrupting('silent') };
    await expect(restart(await imageSource(image), target, options)).rejects.toMatchObject({
      status: exitStatus.interrupted,
      details: [
        'left undone: 3 (directory: 1, hard link: 1, symlink: 1)',
        '  directory .',
        '  hard link hard',
        '  symlink soft',
      ],
    });
    expect(readdirSync(target)).toEqual(['file']);
  });

  test('of the demo leaves nothing behind', async () => {
    const folder = temporary();
    const running = new Running(['demo', 'node_modules/prettier'], {}, { TMPDIR: folder });
    await running.says('checkpoint: 25%');
    running.signal('SIGINT');
    const { status, stderr } = await running.ended;
    expect(stderr).toContain('error: interrupted');
    expect(status).toBe(130);
    expect(readdirSync(folder).filter((name) => name.startsWith('deferqueue-'))).toEqual([]);
  });

  test('the end of the standard input in the middle is a truncated image', async () => {
    const { running } = await begun();
    running.stdin.end();
    const { status, stderr } = await running.ended;
    expect(stderr).toContain('standard input is truncated');
    expect(status).toBe(3);
  });
});
