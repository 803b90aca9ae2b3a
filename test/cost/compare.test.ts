import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';

type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const { compare } = (await import(`${root}scripts/cost/compare.mjs`)) as {
  compare: (ceilings: Counts, counted: Counts) => { failed: boolean; lines: readonly string[] };
};
const { WORKLOADS } = (await import(`${root}scripts/cost/workloads.mjs`)) as { WORKLOADS: object };

const judge = (found: number) =>
  compare({ bulk: { bytes: 1000, calls: 10 } }, { bulk: { bytes: found, calls: 10 } });

describe('a count', () => {
  test.each([900, 1000, 1100])('of %i is within the tolerance of a ceiling of 1,000', (found) => {
    expect(judge(found)).toEqual({ failed: false, lines: ['✓ every count is within 10 % of its ceiling'] });
  });

  test('that has grown by more fails, and the line names the workload and both numbers', () => {
    const { failed, lines } = judge(1101);
    expect(failed).toBe(true);
    expect(lines).toEqual([
      '✗ bulk: 1,101 bytes, ceiling 1,000',
      expect.stringMatching(/raise the ceiling .* npm run check:cost -- --update$/),
    ]);
  });

  test('that has shrunk by more passes, and asks for a lower ceiling', () => {
    expect(judge(899)).toEqual({
      failed: false,
      lines: [
        '- bulk: 899 bytes, ceiling 1,000',
        'Lower the ceiling in the same commit: npm run check:cost -- --update',
      ],
    });
  });

  test('of what was none fails', () => {
    expect(compare({ bulk: { promises: 0 } }, { bulk: { promises: 1 } }).failed).toBe(true);
  });

  test('without a ceiling fails', () => {
    expect(compare({}, { bulk: { bytes: 1 } })).toMatchObject({
      failed: true,
      lines: ['✗ bulk: 1 bytes, no ceiling', expect.any(String)],
    });
  });
});

test('there is a ceiling for every count of every workload, on the oldest Node.js that is supported', () => {
  const read = (path: string): unknown => JSON.parse(readFileSync(root + path, 'utf8'));
  const { node, ...ceilings } = read('scripts/cost/ceilings.json') as Counts & { node: string };
  const { engines } = read('package.json') as { engines: { node: string } };
  expect(node).toBe(/\d+/.exec(engines.node)?.[0]);
  expect(Object.keys(ceilings)).toEqual(Object.keys(WORKLOADS));
  for (const counts of Object.values(ceilings))
    expect(Object.keys(counts)).toEqual(['bytes', 'promises', 'calls']);
});
