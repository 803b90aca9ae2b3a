import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';
import { renderGrowthChart, renderPage, renderPageChart, renderSummary, withSummary } from './modules.js';

const row = (workload: string, subject: string, cpu: readonly number[]) => ({
  node: '24',
  workload,
  subject,
  values: { cpu, wall: cpu },
});

const taken = (workload: string, subject: string, values: Record<string, readonly number[]>) => ({
  node: '24',
  workload,
  subject,
  values,
});

const candidates = [
  { name: 'by-hand', title: 'by hand' },
  { name: 'by-hand-in-full', title: 'by hand, in full' },
  { name: 'deferqueue', title: 'deferqueue' },
  { name: 'p-queue', title: 'p-queue', peer: 'p-queue', version: '9.9.9' },
];

/** Made up: a page of it is looked at, and never kept. */
const results = {
  date: '2000-01-02T00:00:00.000Z',
  seed: 42,
  rounds: 2,
  pace: { samples: 3, warmUp: 4, target: 5 },
  semiSpace: 12,
  spread: 0.07,
  machine: { cpu: 'a processor', cores: 8, memory: 16, platform: 'linux x64' },
  library: { version: '1.2.3', revision: 'abcdef0' },
  majors: ['20', '24'],
  nodes: [{ major: '24', version: '24.1.2' }],
  candidates,
  sizes: {},
  probes: {
    '24': {
      'by-hand': { order: true, context: false },
      deferqueue: { order: true, context: true },
      'p-queue': { order: false, context: true },
    },
  },
  leftOut: [{ workload: 'w7', candidates: ['by hand'], reason: 'a reason' }],
  rows: [
    row('w1', 'by-hand', [1000, 1000]),
    row('w1', 'deferqueue', [850, 1000]),
    row('w2', 'by-hand', [2000, 2000]),
    row('w2', 'by-hand-in-full', [2500, 2500]),
    row('w2', 'deferqueue', [3000, 3000]),
    row('w2', 'p-queue', [8000, 8000]),
    { ...row('growth', 'by-hand', [100]), size: 1000 },
    { ...row('growth', 'by-hand', [300]), size: 1_000_000 },
    { ...row('growth', 'deferqueue', [100]), size: 1000 },
    { ...row('growth', 'deferqueue', [200]), size: 1_000_000 },
    { node: '24', workload: 'memory', size: 100_000, subject: 'deferqueue', values: { bytes: [120, 122] } },
    taken('peak', 'deferqueue', { resident: [345_600_000], heap: [123_400_000] }),
    taken('sequential', 'deferqueue', {
      begin: [5e6],
      quarter: [6e6],
      half: [7e6],
      end: [9e6],
      cpu: [4321],
    }),
    { ...taken('live', 'deferqueue', { bytes: [1234], cpu: [5678] }), size: 1 },
    taken('fairness', 'deferqueue', {
      held: [12, 21.5],
      own: [11, 12.5],
      pause: [0, 0],
      latency: [13, 22],
      drained: [900, 1000],
    }),
    taken('fairness', 'p-queue', { held: [5000], pause: [7], latency: [5001], drained: [5000] }),
  ],
};

const page = renderPage(results);
const cellsOf = (start: string): string[] | undefined =>
  page
    .split('\n')
    .find((line) => line.startsWith(`| ${start}`))
    ?.split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('the page of a run', () => {
  test('has the ratio with its spread, and tells a goal that is missed in bold', () => {
    expect(cellsOf('an operation that defers nothing')).toEqual([
      'an operation that defers nothing',
      '≤ 1',
      '0.85 (0.89 to 0.96)',
    ]);
    // After it stands what by hand in full has.
    expect(cellsOf('five nested async calls, 1 work')?.[2]).toBe('**1.50**; 1.25');
    expect(cellsOf('bytes for each queued work')?.[2]).toBe('121');
    expect(cellsOf('growth')?.[2]).toBe('2.00 (by hand 3.00)');
    expect(cellsOf('the longest that a drain of 1,000,000 works held')).toEqual([
      'the longest that a drain of 1,000,000 works held the event loop',
      '≤ 20 ms',
      '**21.5 ms (12.5 ms of its own)**',
    ]);
    expect(cellsOf('bytes left behind by each of 1,000,000 operations')?.[2]).toBe('**4.00**');
    expect(page).toContain(
      '3 of 6 numbers are within their goal; the others are in bold, and by hand in full misses 1 of these 3 as well.',
    );
    const onlyOperations = results.rows.filter(({ workload }) => workload === 'w1' || workload === 'w2');
    expect(renderPage({ ...results, rows: onlyOperations })).toContain(
      '1 of 2 numbers are within their goal; the others are in bold, and by hand in full misses all of them as well.',
    );
    const without = results.rows.filter(({ subject }) => subject !== 'by-hand-in-full');
    const alone = renderPage({ ...results, rows: without });
    expect(alone).toContain('3 of 6 numbers are within their goal; the others are in bold. A');
    expect(alone).not.toContain('What stands after them');
  });

  test('says what was not run, and why', () => {
    expect(cellsOf('1,000 async works in one operation')?.[2]).toBe('not run');
    expect(page).toContain('- w7, by hand: a reason');
    expect(page).toContain('- Node.js 20: not part of this run');
    expect(page).toContain('- startup, all: not part of this run');
    expect(page).not.toContain('- peak, all');
  });

  test('has the sections of what was run, and copes with results that lack them', () => {
    const section = (title: string) => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0];
    expect(section('Peak')).toContain('| Node.js 24 | deferqueue | 346 MB | 123 MB |');
    expect(section('In a row')).toContain('| 5.00 MB | 6.00 MB | 7.00 MB | 9.00 MB | 4.00 B | 4.32 µs |');
    expect(section('Open at once')).toContain('| Node.js 24 | deferqueue | – | – | 1234 B | 5.68 µs |');
    expect(section('Fairness')).toContain(
      '| 16.8 ms (12.0 ms to 21.5 ms) | 11.8 ms (11.0 ms to 12.5 ms) | none |',
    );
    expect(section('Fairness')).toContain('| Node.js 24 | p-queue | 5.00 s | – | 7.00 ms |');
    const less = renderPage({ ...results, rows: results.rows.filter(({ workload }) => workload === 'w1') });
    for (const title of ['Peak', 'In a row', 'Open at once', 'Growth', 'Fairness', 'Memory'])
      expect(less).not.toContain(`## ${title}\n`);
    expect(less).toContain('- sequential, all: not part of this run');
    expect(less).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });

  test('has nothing left behind where it is next to nothing, on either side', () => {
    const sparing = results.rows.map((one) =>
      one.workload === 'sequential' ? { ...one, values: { ...one.values, end: [4_999_000] } } : one,
    );
    const rendered = renderPage({ ...results, rows: sparing });
    expect(rendered).toContain('| 0.00 B |');
    expect(rendered).not.toContain('-0.00');
  });

  test('says what had fewer rounds than the run', () => {
    expect(page).toContain(
      '- **Rounds:** 2. Fewer of what varies little or takes long: 1 of peak; sequential; live; growth.\n',
    );
    const slow = { ...results, rows: [...results.rows, row('w1', 'p-queue', [9000])] };
    const rows = slow.rows.filter(({ workload, subject }) => subject !== 'p-queue' || workload === 'w1');
    expect(renderPage({ ...slow, rows })).toContain('1 of peak; sequential; live; growth; p-queue.\n');
  });

  test('names the guarantees that each one was seen not to keep', () => {
    expect(cellsOf('by hand | 1.00')?.at(-1)).toContain('G13');
    expect(cellsOf('**deferqueue**')?.at(-1)).toBe('none');
    expect(cellsOf('p-queue')?.at(-1)).toContain('G7');
  });

  test('tells versions, machine and method', () => {
    for (const told of [
      '2000-01-02',
      'a processor, 8 cores',
      '24.1.2',
      'p-queue 9.9.9',
      'seed 42',
      'abcdef0',
      'has 12 MiB from the start',
      'has up to 7 % more or fewer than it says',
    ])
      expect(page).toContain(told);
  });

  test('has nothing in it that was computed of nothing', () => {
    expect(page).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });

  test('has a chart with a bar for each ratio, the longer the larger', () => {
    const chart = renderPageChart(results);
    const widths = [...chart.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    );
    // deferqueue at 0.85, then by hand in full at 1.25, deferqueue at 1.5, and p-queue at 4.
    expect(widths).toHaveLength(4);
    expect(widths).toEqual(widths.toSorted((one, other) => one - other));
    expect(new Set(widths).size).toBe(4);
    expect(chart).not.toMatch(/undefined|NaN|Infinity/);
  });
});

describe('the chart of growth', () => {
  const linesOf = (chart = '') =>
    [...chart.matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) =>
      points!.split(' ').map((point) => point.split(',').map(Number) as [number, number]),
    );

  test('has a line for each of both, with a place for each size, the higher the longer it takes', () => {
    const chart = renderGrowthChart(results);
    const [byHand, own] = linesOf(chart);
    expect(linesOf(chart)).toHaveLength(2);
    expect(byHand).toHaveLength(2);
    // Both take 100 ns at 1,000 works; at 1,000,000 it is 300 ns by hand, and 200 ns.
    expect(byHand![0]).toEqual(own![0]);
    expect(byHand![1]![1]).toBeLessThan(own![1]![1]);
    expect(own![1]![1]).toBeLessThan(own![0]![1]);
    expect(own![1]![0]).toBeGreaterThan(own![0]![0]);
    expect(chart).toContain('deferqueue, Node.js 24, 1,000,000 works: 200 ns');
    expect(chart).not.toMatch(/undefined|NaN|Infinity/);
  });

  test('has a panel for each Node.js, on the same scale', () => {
    const rows = [...results.rows, ...results.rows.map((one) => ({ ...one, node: '26' }))];
    const nodes = [...results.nodes, { major: '26', version: '26.0.0' }];
    const [, first, , second] = linesOf(renderGrowthChart({ ...results, rows, nodes }));
    expect(second!.map(([, y]) => y)).toEqual(first!.map(([, y]) => y));
    expect(second![0]![0]).toBeGreaterThan(first![1]![0]);
  });

  test('is none where growth was not measured', () => {
    expect(renderGrowthChart({ ...results, rows: [] })).toBeUndefined();
  });
});

describe('the summary of a run', () => {
  const summary = renderSummary(results);

  test('has a line for each goal that was measured, with what the best peer did', () => {
    expect(summary).toContain('3 of 6 numbers are within their goal');
    expect(summary).toContain('| five nested async calls, 1 work | ≤ 1.1 | **1.50** | p-queue: 4.00 |');
    expect(summary).toContain('| an operation that defers nothing | ≤ 1 | 0.85 | – |');
    expect(summary).toContain('| ≤ 20 ms | **21.5 ms** | p-queue: 5.00 s |');
    expect(summary).not.toContain('not run');
    expect(summary).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });

  test('takes the best of several peers, and none of what is written by hand', () => {
    const more = [...candidates, { name: 'effect', title: 'Effect', peer: 'effect', version: '1.0.0' }];
    const rows = [...results.rows, row('w2', 'effect', [6000, 6000])];
    expect(renderSummary({ ...results, candidates: more, rows })).toContain('| **1.50** | Effect: 3.00 |');
  });

  test('takes the place of the one before between the marks, and refuses a text without them', () => {
    const marks = ['<!-- benchmarks: written by `npm run bench` -->', '<!-- end of benchmarks -->'];
    const text = `before\n\n${marks.join('\n\nan older one\n\n')}\n\nafter\n`;
    const written = withSummary(text, results);
    expect(written).toBe(`before\n\n${marks.join(`\n\n${summary}\n\n`)}\n\nafter\n`);
    expect(withSummary(written, results)).toBe(written);
    expect(() => withSummary('before', results)).toThrow('There are no marks');
  });
});

const kept = JSON.parse(readFileSync(`${root}bench/results/page.json`, 'utf8')) as object;

describe('docs/benchmarks.md', () => {
  test('is what bench/results/page.json makes', async () => {
    const path = `${root}docs/benchmarks.md`;
    const style = await resolveConfig(path);
    const made = await format(renderPage(kept), { ...style, parser: 'markdown' });
    expect(readFileSync(path, 'utf8')).toBe(made);
  });

  test('has the chart that bench/results/page.json makes', () => {
    expect(readFileSync(`${root}docs/benchmarks.svg`, 'utf8')).toBe(renderPageChart(kept));
  });

  test('has the chart of growth that bench/results/page.json makes', () => {
    expect(readFileSync(`${root}docs/benchmarks-growth.svg`, 'utf8')).toBe(renderGrowthChart(kept));
  });
});

describe('README.md', () => {
  test('has the summary that bench/results/page.json makes, in no more than 20 lines', async () => {
    const path = `${root}README.md`;
    const written = readFileSync(path, 'utf8');
    const style = await resolveConfig(path);
    const made = await format(withSummary(written, kept), { ...style, parser: 'markdown' });
    expect(written).toBe(made);
    const [, between] = /<!-- benchmarks: [^\n]*\n(.*)<!-- end/s.exec(written) ?? [];
    expect(between?.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(20);
  });
});
