import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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
  for (const copy of ['one', 'two']) await cp(built, join(folder, copy), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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

  test('a runtime of its own is not shared', async () => {
    const result = await program(`
      const runtime = two.createRuntime();
      console.log(JSON.stringify(await runtime.withOperation(() => one.currentOperation() === undefined)));
    `);
    expect(result).toBe(true);
  });
});
