import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './built.js';

const declarations = `
export declare const save: () => Promise<void>;
export declare const start: () => PromiseLike<void>;
export declare const each: (fn: (item: string) => void) => void;
`;

const GOOD = 'void save(); await start();';

const BAD = [
  ['a floating promise', 'save();', 'no-floating-promises'],
  ['a floating thenable', 'start();', 'no-floating-promises'],
  ['a promise where nothing awaits one', 'each(async () => save());', 'no-misused-promises'],
  ['an await of what is no promise', 'await 1;', 'await-thenable'],
  ['a try that is left before its promise settles', 'try { return save(); } catch {}', 'return-await'],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'deferqueue-lint-'));
let tool: string | undefined;
let status: number | null;
let lines: readonly string[];

/** Lints all examples at once, with the command of `npm run check:lint` and the configuration of the repository. */
beforeAll(() => {
  const compilerOptions = { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  for (const [index, statement] of [GOOD, ...BAD.map(([, bad]) => bad)].entries()) {
    const text = `${declarations}
      export const example = async (): Promise<void> => {
        await save();
        ${statement}
      };
    `;
    writeFileSync(join(folder, `example-${index}.ts`), text);
  }
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    scripts: { 'check:lint': string };
  };
  const [command, ...flags] = scripts['check:lint'].split(' ');
  tool = command;
  const config = ['--config', `${root}.oxlintrc.json`, '--format=unix'];
  const linted = spawnSync(
    process.execPath,
    [`${root}node_modules/oxlint/bin/oxlint`, ...flags, ...config, folder],
    { cwd: root, encoding: 'utf8' },
  );
  status = linted.status;
  lines = (linted.stdout + linted.stderr).split('\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the lint', () => {
  test('passes a promise that is awaited or marked as not waited for', () => {
    expect(tool).toBe('oxlint');
    expect(lines.filter((line) => line.includes('example-0.ts'))).toEqual([]);
  });

  test.each(BAD.map(([what, , rule], index) => [what, rule, `example-${index + 1}.ts`] as const))(
    'fails on %s',
    (_what, rule, file) => {
      expect(lines.filter((line) => line.includes(file)).join('\n')).toContain(rule);
      expect(status).not.toBe(0);
    },
  );
});
