import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';
import { compare, compareCount, costOf, COUNTS, table, UPDATE, verdict, WORKLOADS } from './modules.js';
import type { Cost, Count } from './modules.js';

const workload = { name: 'w0', title: 'an example', per: 'work' } as const;
const counts = Object.keys(COUNTS) as Count[];
const costing = (cost: number): Cost =>
  Object.fromEntries(counts.map((count) => [count, cost])) as unknown as Cost;
const ceiling = costing(1000);

const judge = (found: Partial<Cost>, held: Partial<Cost> = ceiling) =>
  verdict(compare([workload], { w0: held }, { w0: { ...ceiling, ...found } }));

describe('what a count may grow by', () => {
  test.each(counts)('%s: up to the share that is let through, and no more', (count) => {
    const { tolerance } = COUNTS[count];
    expect(compareCount(count, 1000, 1000)).toBe('held');
    expect(compareCount(count, 1000, 1000 + 1000 * tolerance)).toBe('held');
    expect(compareCount(count, 1000, 1000 + 1000 * tolerance + 0.1)).toBe('heavier');
    expect(compareCount(count, 1000, 1000 - 1000 * tolerance)).toBe('held');
    expect(compareCount(count, 1000, 1000 - 1000 * tolerance - 0.1)).toBe('lighter');
  });

  test('one more of what there was none of is heavier', () => {
    expect(compareCount('promises', 0, 1)).toBe('heavier');
    expect(compareCount('promises', 1, 0)).toBe('lighter');
  });

  test('what is spread over a thousand works and is less than a hundredth of each is not told', () => {
    expect(compareCount('promises', 0, 0.001)).toBe('held');
    expect(compareCount('promises', 1, 1.009)).toBe('held');
    expect(compareCount('promises', 1, 1.02)).toBe('heavier');
  });
});

describe('what the library costs', () => {
  test('is what was counted without what the workload costs by itself, for each part', () => {
    const cost = costOf({ ...costing(900), bytes: 5000 }, { ...costing(100), bytes: 1001 }, 8);
    expect(cost).toEqual({ ...costing(100), bytes: 499.875 });
  });

  test('is told beside what is written by hand, with the ratio of the two', () => {
    const costs = { w0: { deferqueue: { ...ceiling, bytes: 1500 }, 'by hand': { ...ceiling, promises: 0 } } };
    const lines = table([workload], costs, 'deferqueue', 'by hand').split('\n');
    expect(lines[1]).toBe('w0, an example: for each work');
    expect(lines[2]?.split(/\s{2,}/)).toEqual([
      '',
      'deferqueue',
      '1,500',
      ...counts.slice(1).map(() => '1,000'),
    ]);
    // There is no ratio to nothing.
    expect(lines[4]?.match(/× [\d.]+/g)).toEqual(['× 1.50', ...counts.slice(2).map(() => '× 1.00')]);
  });

  test('is told alone where nothing is written by hand', () => {
    const lines = table([workload], { w0: { deferqueue: ceiling } }, 'deferqueue', 'by hand').split('\n');
    expect(lines).toHaveLength(3);
  });
});

describe('what is said', () => {
  test('nothing but that it is well, where no count has changed', () => {
    expect(judge({})).toEqual({ failed: false, lines: ['✓ no count of the hot path has grown'] });
  });

  test('a failure names the workload, the count, both numbers, what is let through and how to accept it', () => {
    const { failed, lines } = judge({ bytes: 1234 });
    expect(failed).toBe(true);
    expect(lines).toEqual([
      '✗ w0, an example: bytes for each work went from 1,000 to 1,234 (+23.4 %); up to 0.5 % is let through',
      expect.stringContaining('accept it'),
      `  ${UPDATE}`,
    ]);
  });

  test('each count that has grown is told, and one that has not is not', () => {
    const { lines } = judge({ promises: 2000, tokens: 2000, calls: 1001 });
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
      expect.stringContaining('promises'),
      expect.stringContaining('tokens'),
    ]);
  });

  test('growth from nothing is told without a share', () => {
    const { lines } = judge({ resources: 2 }, { ...ceiling, resources: 0 });
    expect(lines[0]).toContain('resources for each work went from 0.00 to 2.00; up to');
  });

  test('what has become smaller is no failure, and is to be held', () => {
    const { failed, lines } = judge({ microtasks: 500 });
    expect(failed).toBe(false);
    expect(lines).toEqual([
      '- w0, an example: microtasks for each work went from 1,000 to 500 (−50.0 %)',
      expect.stringContaining('Hold what was gained'),
      `  ${UPDATE}`,
    ]);
  });

  test('a gain does not make up for a loss', () => {
    expect(judge({ microtasks: 500, bytes: 1100 }).failed).toBe(true);
  });

  test('a count without a ceiling is a failure', () => {
    const { bytes: _bytes, ...others } = ceiling;
    const { failed, lines } = judge({}, others);
    expect(failed).toBe(true);
    expect(lines).toContain('✗ w0, an example: nothing is held for bytes');
  });

  test('a ceiling without a workload is a failure', () => {
    const told = compare([workload], { w0: ceiling, gone: ceiling }, { w0: ceiling });
    expect(verdict(told).failed).toBe(true);
    expect(told.missing).toEqual(['gone: there is no such workload, and something is held for it']);
  });
});

describe('what is held', () => {
  test('every count of every workload, on the oldest Node.js that is supported', () => {
    const ceilings = JSON.parse(readFileSync(`${root}scripts/cost/ceilings.json`, 'utf8')) as Record<
      string,
      Record<string, Cost>
    >;
    const { engines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
      engines: { node: string };
    };
    const oldest = /\d+/.exec(engines.node)?.[0] ?? '';
    const held = ceilings[oldest] ?? {};
    expect(Object.keys(held)).toEqual(WORKLOADS.map(({ name }) => name));
    for (const cost of Object.values(held)) expect(Object.keys(cost)).toEqual(counts);
  });
});
