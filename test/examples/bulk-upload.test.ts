import { describe, expect, test } from 'vitest';
import { run } from './program.js';
import { rows } from './readme-table.js';

const main = 'examples/bulk-upload/main.ts';

/** The rows of the summary: what stands in the first column, and the cells of the others. */
const cells = (lines: readonly string[]): Map<string, string[]> =>
  new Map(
    lines.slice(0, lines.indexOf('')).map((line) => {
      const [label = '', ...values] = line.split(/ {2,}/);
      return [label, values];
    }),
  );

describe('bulk-upload', () => {
  test('uploads what it can, within the limits of the store, and accounts for the rest', async () => {
    const { lines, stderr, status } = await run(main).finished;
    expect(stderr).toBe('');
    const { seconds, 'rate: most seen by the store': rate, ...others } = Object.fromEntries(cells(lines));
    expect(others).toEqual({
      '': ['one import', 'two imports'],
      'uploads deferred': ['120', '120'],
      uploaded: ['113', '114'],
      'refused by the store (422)': ['4', '4'],
      'timed out': ['3', '2'],
      'put off by the store (429)': ['0', '0'],
      'ended otherwise': ['0', '0'],
      'images in the store': ['113', '114'],
      'in flight: limit': ['4', '4'],
      'in flight: most seen by the store': ['4', '4'],
      'rate: limit': ['-', '25 in 100 ms'],
    });
    // On a busy machine they may come slower than they would be allowed to.
    expect(Number(rate?.[1])).toBeLessThanOrEqual(25);
    expect(seconds).toHaveLength(2);
    expect(lines.slice(lines.indexOf('') + 1)).toEqual([
      'refused: /summer/photo-13/preview.jpg',
      'refused: /summer/photo-13/thumbnail.jpg',
      'refused: /summer/photo-42/preview.jpg',
      'refused: /summer/photo-42/thumbnail.jpg',
      'refused: /autumn/photo-11/preview.jpg',
      'refused: /autumn/photo-11/thumbnail.jpg',
      'refused: /winter/photo-02/preview.jpg',
      'refused: /winter/photo-02/thumbnail.jpg',
      'timed out: /summer/photo-07/preview.jpg',
      'timed out: /summer/photo-23/thumbnail.jpg',
      'timed out: /summer/photo-51/preview.jpg',
      'timed out: /autumn/photo-05/thumbnail.jpg',
      'timed out: /winter/photo-20/preview.jpg',
    ]);
    expect(status).toBe(0);
    const row = rows().find(({ file }) => file === 'bulk-upload/main.ts');
    const printed = lines.map((line) => line.replace(/ {2,}/g, '  '));
    expect(printed).toEqual(expect.arrayContaining([...(row?.printed ?? ['a row of the table'])]));
  });

  test('the store puts off what goes beyond its limits: too many at once, and two queues in place of one', async () => {
    const { lines, status } = await run(main, ['--concurrency', '8', '--queue-each']).finished;
    const [first, second] = cells(lines).get('put off by the store (429)')?.map(Number) ?? [];
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(0);
    expect(status).toBe(1);
  });

  test('--help tells how to use it', async () => {
    const { lines, status } = await run(main, ['--help']).finished;
    expect(lines.join('\n')).toMatch(/^Usage: npx tsx examples\/bulk-upload\/main\.ts/m);
    expect(status).toBe(0);
  });

  test.each(['--concurrency 0', '--concurrency many', '--fast'])(
    '%s is refused with status 2',
    async (args) => {
      const { lines, stderr, status } = await run(main, args.split(' ')).finished;
      expect(lines).toEqual([]);
      expect(stderr).toMatch(/^error: .+\n--help says more\n$/);
      expect(status).toBe(2);
    },
  );
});
