import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const built = fileURLToPath(new URL('../../dist', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deferqueue-'));
  for (const copy of ['one', 'two', 'other']) await cp(built, join(folder, copy), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Edits a copy of what is built: there has to be exactly one thing to edit. */
const edit = async (path: string, what: RegExp, to: string): Promise<void> => {
  const text = await readFile(join(folder, path), 'utf8');
  expect(text.match(new RegExp(what, 'g'))).toHaveLength(1);
  await writeFile(join(folder, path), text.replace(what, to));
};

/** Runs a program with the built package loaded twice, as `one` and `two`, and gives the JSON that it prints. */
const program = async (body: string): Promise<unknown> => {
  const file = join(folder, 'program.mjs');
  const load = (copy: string): string =>
    `const ${copy} = await import(${JSON.stringify(pathToFileURL(join(folder, copy, 'index.js')).href)});`;
  await writeFile(file, `${load('one')}\n${load('two')}\n${body}`);
  const { stdout } = await run(process.execPath, [file]);
  return JSON.parse(stdout);
};

describe('G26 one per process', () => {
  test('two copies of the built package share one current operation and its queues', async () => {
    const result = await program(`
      const ran = [];
      const distinct = one.NoOperationError !== two.NoOperationError;
      await one.withOperation('outer', async (operation) => {
        const same = two.currentOperation() === operation;
        two.defer(() => ran.push('two'));
        one.defer(() => ran.push('one'));
        await two.withTask('task', () => one.defer(() => ran.push(two.currentTask().name)));
        ran.push(same, distinct);
      });
      console.log(JSON.stringify(ran));
    `);
    expect(result).toEqual([true, true, 'task', 'two', 'one']);
  });

  test('errors are recognised across copies, each only as what it is', async () => {
    const result = await program(`
      const found = [];
      try { two.defer(() => {}); } catch (error) {
        found.push(
          error instanceof one.NoOperationError, error instanceof two.NoOperationError,
          error instanceof one.DeferqueueError, error instanceof two.DeferqueueError,
          error instanceof two.QueueFullError, error instanceof one.DeferredWorkError, error.code,
        );
      }
      await two.withOperation(() => { two.defer(() => { throw new Error('work'); }); }).catch((error) => {
        found.push(error instanceof one.DeferredWorkError, error instanceof two.DeferredWorkError,
          error instanceof two.DeferqueueError, error instanceof AggregateError);
      });
      console.log(JSON.stringify(found));
    `);
    expect(result).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      'ERR_DEFERQUEUE_NO_OPERATION',
      true,
      true,
      true,
      true,
    ]);
  });

  test('copies of different versions with one contract share the runtime', async () => {
    await edit('two/runtime.js', /VERSION = "[^"]+"/, 'VERSION = "0.9.9"');
    const result = await program(`
      console.log(JSON.stringify(await one.withOperation('outer', () => two.currentOperation().name)));
    `);
    expect(result).toBe('outer');
  });

  test('a copy with another contract is refused by its import, and both are named', async () => {
    await edit('other/runtime.js', /VERSION = "[^"]+"/, 'VERSION = "7.0.0"');
    await edit('other/index.js', /CONTRACT = \d+/, 'CONTRACT = 7');
    const result = await program(`
      const error = await import('./other/index.js').catch((error) => error);
      console.log(JSON.stringify({
        ...error, name: error.name, message: error.message, known: error instanceof one.ContractMismatchError,
        works: await one.withOperation(() => 'on'),
      }));
    `);
    const { version } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    const [first, second] = ['one', 'other'].map(
      (copy) => pathToFileURL(join(folder, copy, 'index.js')).href,
    );
    expect(result).toEqual({
      name: 'ContractMismatchError',
      code: 'ERR_DEFERQUEUE_CONTRACT_MISMATCH',
      known: true,
      works: 'on',
      loaded: { version, contract: 1, url: first },
      refused: { version: '7.0.0', contract: 7, url: second },
      message: expect.stringContaining(
        `first version ${version} (contract 1) from ${first}, now version 7.0.0 (contract 7) from ${second}. `,
      ) as unknown,
    });
  });

  test('a runtime of its own is not shared', async () => {
    const result = await program(`
      const runtime = two.createRuntime();
      console.log(JSON.stringify(await runtime.withOperation(() => one.currentOperation() === undefined)));
    `);
    expect(result).toBe(true);
  });
});
