import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './built.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deferqueue-lint-'));
  const compilerOptions = { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Lints a text with the command of `npm run check:lint` and the configuration of the repository. */
const lint = (text: string): { status: number | null; output: string } => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    scripts: { 'check:lint': string };
  };
  const [tool, ...flags] = scripts['check:lint'].split(' ');
  expect(tool).toBe('oxlint');
  writeFileSync(join(folder, 'example.ts'), text);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      `${root}node_modules/oxlint/bin/oxlint`,
      ...flags,
      '--config',
      `${root}.oxlintrc.json`,
      '--format=unix',
      folder,
    ],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
};

const declarations = `
export declare const save: () => Promise<void>;
export declare const start: () => PromiseLike<void>;
export declare const each: (fn: (item: string) => void) => void;
`;

describe('the lint', () => {
  test('passes a promise that is awaited or marked as not waited for', () => {
    const { status, output } = lint(`${declarations}
      export const good = async (): Promise<void> => {
        void save();
        await start();
      };
    `);
    expect(status, output).toBe(0);
  });

  test.each([
    ['a floating promise', 'save();', 'no-floating-promises'],
    ['a floating thenable', 'start();', 'no-floating-promises'],
    ['a promise where nobody waits for one', 'each(async () => save());', 'no-misused-promises'],
    ['an await of what is no promise', 'await 1;', 'await-thenable'],
    ['a try that is left before its promise settles', 'try { return save(); } catch {}', 'return-await'],
  ])('fails on %s', (_what, statement, rule) => {
    const { status, output } = lint(`${declarations}
      export const bad = async (): Promise<void> => {
        await save();
        ${statement}
      };
    `);
    expect(output).toContain(rule);
    expect(status).not.toBe(0);
  });
});
