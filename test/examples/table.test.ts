import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root } from './program.js';
import { rows } from './readme-table.js';

/** Every examples/*.ts and every examples/*\/main.ts, relative to the folder of the examples. */
const examples = readdirSync(`${root}examples`, { withFileTypes: true })
  .flatMap((entry) => {
    if (entry.isDirectory())
      return existsSync(`${root}examples/${entry.name}/main.ts`) ? [`${entry.name}/main.ts`] : [];
    return entry.name.endsWith('.ts') ? [entry.name] : [];
  })
  .toSorted();

/** The tests of the examples and what they share, without this one. */
const tests = readdirSync(`${root}test/examples`)
  .filter((name) => name.endsWith('.ts') && !name.includes('table'))
  .map((name) => readFileSync(`${root}test/examples/${name}`, 'utf8'));

describe('the table of the examples', () => {
  test('names every example once, and nothing else', () => {
    expect(
      rows()
        .map(({ file }) => file)
        .toSorted(),
    ).toEqual(examples);
  });

  test.each(rows())('tells which problem $file solves and what it prints', ({ problem, file, printed }) => {
    expect(problem).toMatch(/\w\.$/);
    expect(printed.length > 0 || !/^\d/.test(file)).toBe(true);
  });

  test.each(examples)('has %s run by a test', (file) => {
    // A program may be named in parts, by its folder and its main.ts.
    expect(tests.some((source) => file.split('/').every((part) => source.includes(part)))).toBe(true);
  });
});
