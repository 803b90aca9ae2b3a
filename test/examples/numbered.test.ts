import { describe, expect, test } from 'vitest';
import { Program, run } from './program.js';
import { rows } from './readme-table.js';

const outputs: Record<string, string> = {
  '01-mail-after-the-commit.ts': `
commit: 30 from ann to bob
mail to bob: you got 30 and have 50
mail to ann: 500 could not be paid
rolled back: Error: ann has 70 and not 500`,

  '02-one-invalidation-instead-of-forty.ts': `
40 prices updated, 0 requests to the cache so far
invalidate 41 pages: /products/all to /products/40
requests to the cache in all: 1`,

  '03-batch-import.ts': `
lock authors.csv
lock books.csv
lock loans.csv
unlock books.csv
unlock loans.csv
unlock authors.csv
all files are in
link authors.csv
link books.csv
link loans.csv
build the index`,

  '04-audit-at-the-root.ts': `
an order:
  paid
  went on without points
  ordered
  audit: payment
  audit: no points: Error: the points service is away
an order that fails at its end:
  paid
  went on without points
  audit: no payment: Error: out of stock
  audit: no points: Error: the points service is away
  Error: out of stock`,

  '05-a-request-of-events.ts': `
upload 1:
  stored a1
  stored a2
  stored a3
  tell the others
  success: 1 ran, 3 skipped
upload 2:
  stored c1
  stored c2
  remove c1 again
  remove c2 again
  failure: 2 ran, 1 skipped`,

  '07-what-was-deferred.ts': `
deferred   notify by saveDocument
deferred   index by indexDocument
boundary   save: fulfilled, 2 to run
again      notify, since: nobody is there
failed     notify, from saveDocument, after 0 others
again      index, since: the index is busy
ran        index, from indexDocument, after 1 others
closed     save: 1 ran, 1 failed`,

  '06-errors.ts': `
the operation rejects with what failed, and has its value:
  notified
  cleaned up
  1 failed: Error: the index is read-only
  document 7: 2 ran, 1 failed
a listener hears of it, and the operation fulfils:
  notified
  heard of "index": Error: the index is read-only
  cleaned up
  document 7
the function's own reason comes first:
  notified
  heard of "index": Error: the index is read-only
  cleaned up
  Error: the disk is full
nothing is thrown, everything is reported:
  notified
  cleaned up
  function fulfilled: notify ran, index failed, clean up ran`,
};

describe('the numbered examples', () => {
  test.each(Object.keys(outputs))('%s prints what is expected, and no warning', async (file) => {
    const { lines, stderr, status } = await run(`examples/${file}`).finished;
    expect(stderr).toBe('');
    expect(lines.join('\n')).toBe(outputs[file]?.trimStart());
    expect(status).toBe(0);
  });

  test('tsx runs them as they are', async () => {
    const [file = '', output] = Object.entries(outputs)[0] ?? [];
    const { lines, stderr, status } = await new Program('node_modules/.bin/tsx', [`examples/${file}`])
      .finished;
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(lines.join('\n')).toBe(output?.trimStart());
  });

  test.each(Object.keys(outputs))('%s prints what the table says', (file) => {
    const printed = outputs[file]?.split('\n').map((line) => line.trim());
    const row = rows().find((candidate) => candidate.file === file);
    expect(printed).toEqual(expect.arrayContaining([...(row?.printed ?? ['a row of the table'])]));
  });
});
