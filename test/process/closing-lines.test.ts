import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../package/built.js';

const times = (count: number, one: object): object[] => Array.from({ length: count }, () => one);
const ranFile = (name: string, status: string, ...assertionResults: object[]): object => ({
  name,
  status,
  assertionResults,
});
const skipped = { status: 'skipped', fullName: 'is skipped' };

const passed = {
  success: true,
  testResults: [ranFile('a.test.ts', 'passed', ...times(3, { status: 'passed' }), skipped)],
};
const failed = {
  success: false,
  testResults: [
    ranFile('a.test.ts', 'failed', ...times(4, { status: 'passed' }), {
      status: 'failed',
      fullName: 'is wrong',
      failureMessages: ['Error: no\n  at here'],
    }),
  ],
};

/** A folder with results of these contents. */
const keep = (files: Record<string, object | string>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'closing-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, `${name}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
};

/** The closing lines of CI over files with these contents. */
const close = (files: Record<string, object | string>): { lines: string[]; status: number | null } => {
  const script = `${root}scripts/test/closing-lines.mjs`;
  const { stdout, status } = spawnSync(process.execPath, [script, keep(files)], { encoding: 'utf8' });
  return { lines: stdout.trim().split('\n'), status };
};

describe('the closing lines of CI', () => {
  test('sum up both levels, and what was skipped', () => {
    const { lines, status } = close({ 'test/tests': passed, 'everything/tests on node-22': passed });
    expect(lines).toEqual([
      'everything/tests on node-22: 3 passed, 0 failed, 1 skipped',
      'test/tests: 3 passed, 0 failed, 1 skipped',
      '6 passed, 0 failed, 2 skipped',
    ]);
    expect(status).toBe(0);
  });

  test('name a failure with its file, its reason and its runtime', () => {
    const { lines, status } = close({ 'test/tests': passed, 'everything/tests on node-24': failed });
    expect(lines.slice(0, 4)).toEqual([
      '✗ everything/tests on node-24: a.test.ts',
      '  is wrong',
      '    Error: no',
      '      at here',
    ]);
    expect(lines.at(-1)).toBe('7 passed, 1 failed, 1 skipped');
    expect(status).toBe(1);
  });

  test.each([
    [
      'tests that did not run to their end',
      { 'everything/tests on node-22': passed },
      'The tests did not run to their end',
    ],
    [
      'a failure outside of tests',
      { 'test/tests': { ...passed, success: false } },
      '✗ test/tests: something failed outside of the tests: see above',
    ],
    [
      'a file that cannot be read',
      { 'test/tests': passed, 'everything/cases on bun': '{' },
      /^✗ everything\/cases on bun: .*cannot be read/,
    ],
    [
      'a file that could not be loaded',
      {
        'test/tests': {
          success: false,
          testResults: [{ ...ranFile('a.test.ts', 'failed'), message: 'no module' }],
        },
      },
      '✗ test/tests: a.test.ts',
    ],
    ['nothing at all', {}, 'The tests did not run to their end'],
  ])('count %s as a failure', (_what, files, line) => {
    const { lines, status } = close(files);
    expect(lines[0]).toMatch(line);
    expect(status).toBe(1);
  });
});

describe('the verdict', async () => {
  const { readResults, verdict } = (await import(`${root}scripts/test/results.mjs`)) as {
    readResults: (folder: string) => object[];
    verdict: (results: object[], checks: Record<string, boolean>, milliseconds: number) => string;
  };
  const judge = (files: Record<string, object>, checks: Record<string, boolean>): string =>
    verdict(readResults(keep(files)), checks, 182_000);

  test('counts tests and checks, and says how long they took', () => {
    const testResults = [ranFile('a.test.ts', 'passed', ...times(2707, { status: 'passed' }))];
    expect(judge({ tests: { testResults } }, { types: true, lint: true })).toBe(
      '✓ 2,707 tests and 2 checks passed in 3 min 2 s',
    );
  });

  test('names what was skipped, and why', () => {
    const testResults = [
      ranFile(`${root}test/timeline/page/page.test.ts`, 'passed', skipped, skipped),
      ranFile(`${root}test/b.test.ts`, 'passed', { status: 'passed' }, skipped),
    ];
    expect(judge({ tests: { testResults } }, {})).toBe(
      '✓ 1 test and 0 checks passed in 3 min 2 s; skipped: 2 tests of the timeline page (no Chromium), ' +
        '1 test of test/b.test.ts (see there)',
    );
  });

  test('names every check, file and run that failed', () => {
    const crashed = {
      success: false,
      testResults: [ranFile('b.test.ts', 'passed', ...times(3, { status: 'passed' }))],
    };
    expect(judge({ 'cases on bun': failed, 'tests on node-22': crashed }, { types: true, lint: false })).toBe(
      '✗ failed: lint, 1 test (a.test.ts), 1 test (something failed outside of the tests: see above); ' +
        '7 tests and 1 check passed in 3 min 2 s',
    );
  });
});
