import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';
import { renderPage, renderPageChart } from './modules.js';

const row = (workload: string, subject: string, cpu: readonly number[]) => ({
  node: '24',
  workload,
  subject,
  values: { cpu, wall: cpu },
});

const candidates = [
  { name: 'by-hand', title: 'by hand' },
  { name: 'deferqueue', title: 'deferqueue' },
  { name: 'p-queue', title: 'p-queue', peer: 'p-queue', version: '9.9.9' },
];

/** Made up: a page of it is looked at, and never kept. */
const results = {
  date: '2000-01-02T00:00:00.000Z',
  seed: 42,
  rounds: 2,
  pace: { samples: 3, warmUp: 4, target: 5 },
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
    row('w1', 'deferqueue', [800, 1000]),
    row('w2', 'by-hand', [2000, 2000]),
    row('w2', 'deferqueue', [3000, 3000]),
    row('w2', 'p-queue', [8000, 8000]),
    { ...row('growth', 'by-hand', [100]), size: 1000 },
    { ...row('growth', 'by-hand', [300]), size: 1_000_000 },
    { ...row('growth', 'deferqueue', [100]), size: 1000 },
    { ...row('growth', 'deferqueue', [200]), size: 1_000_000 },
    { node: '24', workload: 'memory', size: 100_000, subject: 'deferqueue', values: { bytes: [120, 122] } },
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
      '0.85 (0.85 to 0.95)',
    ]);
    expect(cellsOf('five nested async calls, 1 work')?.[2]).toBe('**1.50**');
    expect(cellsOf('bytes for each queued work')?.[2]).toBe('121');
    expect(cellsOf('growth')?.[2]).toBe('2.00 (by hand 3.00)');
    expect(page).toContain('3 of 4 numbers are within their goal');
  });

  test('says what was not run, and why', () => {
    expect(cellsOf('1,000 async works in one operation')?.[2]).toBe('not run');
    expect(page).toContain('- w7, by hand: a reason');
    expect(page).toContain('- Node.js 20: not part of this run');
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
    // deferqueue at 0.85, at 1.5, and p-queue at 4.
    expect(widths).toHaveLength(3);
    expect(widths[0]).toBeLessThan(widths[1]!);
    expect(widths[1]).toBeLessThan(widths[2]!);
    expect(chart).not.toMatch(/undefined|NaN|Infinity/);
  });
});

describe('docs/benchmarks.md', () => {
  const kept = JSON.parse(readFileSync(`${root}bench/results/page.json`, 'utf8')) as object;

  test('is what bench/results/page.json makes', async () => {
    const path = `${root}docs/benchmarks.md`;
    const style = await resolveConfig(path);
    const made = await format(renderPage(kept), { ...style, parser: 'markdown' });
    expect(readFileSync(path, 'utf8')).toBe(made);
  });

  test('has the chart that bench/results/page.json makes', () => {
    expect(readFileSync(`${root}docs/benchmarks.svg`, 'utf8')).toBe(renderPageChart(kept));
  });
});
