import { expect, test } from 'vitest';
import { run } from './program.js';
import { rows } from './readme-table.js';

const file = '08-where-the-time-went.ts';

test('shows where the time went, and what the table says', async () => {
  const { lines, stderr, status } = await run(`examples/${file}`).finished;
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  // The times are those of the machine: the names, the states and the kinds of bars are not.
  const told = lines.map((line) =>
    line
      .replace(/ +[\d.]+ ms/, '')
      .replaceAll(/([─═·█▒])\1*/g, '$1')
      .replaceAll(/ {2,}/g, '  '),
  );
  expect(told.slice(1)).toEqual([
    '"restore" #1  fulfilled  ─═',
    '  "index"  ran  ·█',
    '  task "files" #1  fulfilled  ─',
    '  "times of a.txt"  ran  ·█',
    '  "times of b.txt"  failed  ·▒',
    '  Error: read-only file system',
  ]);
  const printed = rows().find((row) => row.file === file)?.printed ?? ['a row of the table'];
  for (const text of printed) expect(lines.join('\n')).toContain(text);
});
