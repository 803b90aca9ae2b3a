import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireBuild, root } from '../package/built.js';

let folder: string;

const PROGRAM = `await withOperation('import', () => void defer(() => {}, { name: 'mail' }));\n`;
const IMPORT = `import { defer, withOperation } from 'deferqueue';\n`;
/** What the log says of it, without times. */
const LINES = [
  '"import" #1 opened',
  '"import" #1, work "mail" #1 registered',
  '"import" #1 boundary',
  '"import" #1, work "mail" #1 started',
  '"import" #1, work "mail" #1 ran',
  '"import" #1 closed',
];

const PROGRAMS: Record<string, string> = {
  'plain.mjs': IMPORT + PROGRAM,
  'required.cjs': `const { defer, withOperation } = require('deferqueue');\n(async () => { ${PROGRAM} })();`,
  'by-hand.mjs': `import 'deferqueue/debug';\n${IMPORT}${PROGRAM}`,
  'after.mjs': `${IMPORT}import 'deferqueue/debug';\n${PROGRAM}`,
  'stopped.mjs': `import { stopLog } from 'deferqueue/debug';\n${IMPORT}stopLog();\n${PROGRAM}`,
  'deno.mjs': `globalThis.Deno = {};\nconst { defer, withOperation } = await import('deferqueue');\n${PROGRAM}`,
  'terminal.mjs': `
    Object.assign(process.stderr, { isTTY: true, hasColors: () => true });
    const { defer, withOperation } = await import('deferqueue');
    ${PROGRAM}`,
  'no-process.mjs': `
    const { process } = globalThis;
    delete globalThis.process;
    const { defer, withOperation } = await import('deferqueue');
    globalThis.process = process;
    ${PROGRAM}`,
};

// A package as it is installed: in node_modules, where Node.js does not warn of what it requires.
beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), 'deferqueue-debug-'));
  const installed = join(folder, 'node_modules/deferqueue');
  await mkdir(installed, { recursive: true });
  await cp(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(installed, 'package.json'));
  for (const name of ['p-queue', 'p-timeout', 'eventemitter3']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  for (const [file, text] of Object.entries(PROGRAMS)) await writeFile(join(folder, file), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = async (file: string, asked: Record<string, string> = {}): Promise<string[]> => {
  const options = {
    cwd: folder,
    env: { ...process.env, NODE_NO_WARNINGS: '', DEFERQUEUE_DEBUG: '', NODE_DEBUG: '', ...asked },
  };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], options);
  expect(stdout).toBe('');
  return stderr.split('\n').filter((line) => line !== '');
};

/** The lines without the time and without what comes after the first comma or word that says how long it took. */
const read = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    line.replace(/^deferqueue +\d+\.\d ms +/, '').replace(/( after|, waited|, took) \d.*/, ''),
  );

describe('the log of a process', () => {
  test.each([
    ['plain.mjs', { DEFERQUEUE_DEBUG: '1' }],
    ['plain.mjs', { NODE_DEBUG: 'deferqueue' }],
    ['plain.mjs', { NODE_DEBUG: 'foo,DeferQueue,bar' }],
    ['required.cjs', { DEFERQUEUE_DEBUG: '1' }],
    ['by-hand.mjs', {}],
    ['after.mjs', {}],
    ['by-hand.mjs', { DEFERQUEUE_DEBUG: '1' }],
  ])('begins with the first operation and says nothing else: %s with %o', async (file, asked) => {
    expect(read(await run(file, asked))).toEqual(LINES);
  });

  test.each([
    ['plain.mjs', {}],
    ['plain.mjs', { DEFERQUEUE_DEBUG: '0', NODE_DEBUG: '' }],
    ['plain.mjs', { DEFERQUEUE_DEBUG: '', NODE_DEBUG: 'deferqueues,nodeferqueue' }],
    ['stopped.mjs', { DEFERQUEUE_DEBUG: '1' }],
    ['deno.mjs', { DEFERQUEUE_DEBUG: '1' }],
    ['no-process.mjs', { DEFERQUEUE_DEBUG: '1' }],
  ])('is not there unless it is asked for where one may ask: %s with %o', async (file, asked) => {
    expect(await run(file, asked)).toEqual([]);
  });

  test('has colours on a terminal that takes them', async () => {
    const [line] = await run('terminal.mjs', { DEFERQUEUE_DEBUG: '1' });
    expect(line).toContain('\u001B[36m"import" #1\u001B[39m opened');
  });

  test.each(['esm', 'cjs'] as const)(
    'cannot be loaded in a bundle that stands alone, which one warning says: %s',
    async (format) => {
      const alone = await mkdtemp(join(tmpdir(), 'deferqueue-bundle-'));
      try {
        const outfile = join(alone, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
        const entryPoints = [join(folder, format === 'esm' ? 'plain.mjs' : 'required.cjs')];
        await esbuild.build({
          entryPoints,
          outfile,
          format,
          bundle: true,
          platform: 'node',
          logLevel: 'silent',
        });
        // A module of the program's own is not taken for the log.
        await mkdir(join(alone, 'debug'));
        await writeFile(join(alone, 'debug/index.js'), 'throw new Error("not the log");');
        const lines = await run(outfile, { DEFERQUEUE_DEBUG: '1' });
        expect(lines.filter((line) => line.startsWith('(node:'))).toEqual([
          expect.stringMatching(/\[DEFERQUEUE_DEBUG\] DeferqueueWarning: Import 'deferqueue\/debug'$/),
        ]);
        expect(lines.join('\n')).not.toContain('not the log');
        expect(await run(outfile)).toEqual([]);
      } finally {
        await rm(alone, { recursive: true, force: true });
      }
    },
  );

  test('is kept by a bundler that leaves out what has no effect', async () => {
    const outfile = join(folder, 'bundled.mjs');
    const entryPoints = [join(folder, 'by-hand.mjs')];
    await esbuild.build({
      entryPoints,
      outfile,
      format: 'esm',
      bundle: true,
      minify: true,
      platform: 'node',
    });
    expect(read(await run(outfile))).toEqual(LINES);
  });
});

test('the log in the docs is what the program beside it writes', async () => {
  const page = await readFile(`${root}docs/inspect.md`, 'utf8');
  const [, program = '', log = ''] =
    /```ts\n([^`]*import 'deferqueue\/debug'[^`]*)```\n\nwrites to stderr:\n\n```text\n([^`]*)```/.exec(
      page,
    ) ?? [];
  expect(log).not.toBe('');
  await writeFile(join(folder, 'docs.mjs'), program);
  const { stderr } = await promisify(execFile)(process.execPath, ['docs.mjs'], {
    cwd: folder,
    env: { ...process.env, DEFERQUEUE_DEBUG: '', NODE_DEBUG: '' },
  });
  const steady = (text: string): string => text.replaceAll(/ *\d+\.\d ms/g, ' _ ms');
  expect(steady(stderr)).toBe(steady(log));
});
