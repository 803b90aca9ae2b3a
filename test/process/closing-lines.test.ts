import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const nothing = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};
const failed = {
  ...nothing,
  numPassedTests: 4,
  numFailedTests: 1,
  success: false,
  testResults: [
    {
      name: 'a.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'is right' },
        { status: 'failed', fullName: 'is wrong', failureMessages: ['Error: no\n  at here'] },
      ],
    },
  ],
};

/** What the closing lines of CI are over files with these contents. */
const tell = (files: Record<string, object | string>): { lines: string[]; status: number | null } => {
  const folder = mkdtempSync(join(tmpdir(), 'closing-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, `${name}.json`),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }
  const { stdout, status } = spawnSync(process.execPath, ['scripts/tell-test-results.mjs', folder], {
    encoding: 'utf8',
  });
  return { lines: stdout.trim().split('\n'), status };
};

const passed = { ...nothing, numPassedTests: 3, numPendingTests: 1, success: true };

test('all that ran is summed up, and what was skipped', () => {
  const { lines, status } = tell({ tests: passed, 'tests on node-22': passed });
  expect(lines).toEqual([
    'tests on node-22: 3 passed, 0 failed, 1 skipped',
    'tests: 3 passed, 0 failed, 1 skipped',
    '6 passed, 0 failed, 2 skipped',
  ]);
  expect(status).toBe(0);
});

test('a failure is told with where it was, why, and on which runtime', () => {
  const { lines, status } = tell({ tests: passed, 'tests on node-24': failed });
  expect(lines.slice(0, 4)).toEqual([
    '✗ tests on node-24: a.test.ts',
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
    { 'tests on node-22': passed },
    'The tests did not run to their end',
  ],
  [
    'a failure outside of tests',
    { tests: { ...passed, success: false } },
    '✗ something failed outside of the tests: see above',
  ],
  [
    'a file that cannot be read',
    { tests: passed, 'cases on bun': '{' },
    /^✗ cases on bun\.json cannot be read/,
  ],
  ['nothing at all', {}, 'The tests did not run to their end'],
])('%s is no success', (_what, files, line) => {
  const { lines, status } = tell(files);
  expect(lines[0]).toMatch(line);
  expect(status).toBe(1);
});
