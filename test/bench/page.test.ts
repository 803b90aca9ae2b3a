import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';
import { renderPage, renderSummary, withSummary } from './modules.js';

const row = (workload: string, subject: string, values: Record<string, readonly number[]>, node = '24') => ({
  node,
  workload,
  subject,
  values,
});

/** Made up: no page keeps it. */
const results = {
  date: '2000-01-02T00:00:00.000Z',
  seed: 42,
  rounds: 2,
  machine: 'a processor, 8 cores, 16 GiB, linux x64',
  library: { version: '1.2.3', revision: 'abcdef0' },
  nodes: [
    { major: '20', version: '20.1.2' },
    { major: '24', version: '24.1.2' },
  ],
  candidates: [
    { name: 'by-hand-in-full', title: 'hand-written, same guarantees' },
    { name: 'deferqueue', title: 'deferqueue' },
    { name: 'p-queue', title: 'p-queue', version: '9.9.9', lacks: 'G13' },
    { name: 'effect', title: 'Effect, Scope', version: 'effect 8.8.8', lacks: 'G7' },
  ],
  rows: [
    row('w1', 'by-hand-in-full', { cpu: [1000, 1000] }),
    row('w1', 'deferqueue', { cpu: [850, 1000] }),
    row('w2', 'by-hand-in-full', { cpu: [2000, 2000] }),
    row('w2', 'deferqueue', { cpu: [2600, 3000] }),
    row('w2', 'p-queue', { cpu: [3900, 3900] }),
    row('w2', 'effect', { cpu: [26_000] }),
    row('w2', 'deferqueue', { cpu: [1000] }, '20'),
    row('w2', 'p-queue', { cpu: [7000] }, '20'),
    row('open', 'deferqueue', { cpu: [1000] }),
    row('open', 'open-operation', { cpu: [1250] }),
    row('memory', 'deferqueue', { memory: [121] }),
    row('memory', 'by-hand-in-full', { memory: [112.4] }),
    row('hold', 'deferqueue', { hold: [12, 21.5, 30] }),
    row('left', 'deferqueue', { left: [-0.001] }),
  ],
};

const cellsOf = (text: string, start: string): string[] | undefined =>
  text
    .split('\n')
    .find((line) => line.startsWith(`| ${start}`))
    ?.split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const page = renderPage(results);
const summary = renderSummary(results);

describe('the page of a run', () => {
  test('has a value for each goal and each Node.js, and missed goals in bold', () => {
    expect(cellsOf(page, '**w1**')?.slice(1)).toEqual(['≤ 1.2', 'not measured', '0.85']);
    expect(cellsOf(page, '**w2**')?.slice(1)).toEqual(['≤ 1.2', 'not measured', '**1.30**']);
    expect(cellsOf(page, '`openOperation`')?.slice(1)).toEqual(['≤ 1.3', 'not measured', '1.25']);
    expect(cellsOf(page, 'memory')?.slice(1)).toEqual(['≤ 136 B', 'not measured', '121 B (floor 112 B)']);
    expect(cellsOf(page, 'longest hold')?.slice(1)).toEqual(['≤ 20 ms', 'not measured', '**21.5 ms**']);
    expect(cellsOf(page, 'left behind')?.slice(1)).toEqual(['≤ 1 B', 'not measured', '0 B']);
  });

  test('names the fastest peer', () => {
    expect(cellsOf(page, 'fastest peer')?.slice(1)).toEqual([
      '≥ 2',
      '7.00 (p-queue, w2)',
      '**1.50** (p-queue, w2)',
    ]);
  });

  test('has the times of deferqueue, and the ratios of the others with what they do not keep', () => {
    expect(cellsOf(page, '**deferqueue**')?.slice(1, 3)).toEqual(['1.00 µs to 2.60 µs', 'not measured']);
    expect(cellsOf(page, 'hand-written')?.[1]).toBe('0.77');
    expect(cellsOf(page, 'p-queue (9.9.9)')?.[1]).toBe('1.50 to 7.00');
    expect(cellsOf(page, 'Effect, Scope (effect 8.8.8)')?.at(-1)).toBe('G7');
  });

  test('says which run it comes from, with a note if the run has one', () => {
    for (const part of [
      'deferqueue 1.2.3 (abcdef0), 2000-01-02',
      'a processor, 8 cores',
      '24.1.2',
      'seed 42',
    ])
      expect(page).toContain(part);
    expect(renderPage({ ...results, note: 'Its machine was busy.' })).toContain(
      'seed 42. Its machine was busy.',
    );
  });

  test('copes with a run that has measured nothing', () => {
    for (const text of [
      page,
      summary,
      renderPage({ ...results, rows: [] }),
      renderSummary({ ...results, rows: [] }),
    ])
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });
});

describe('the summary of a run', () => {
  test('has five rows, with the slowest of the ratios to the floor', () => {
    expect(summary.match(/^\| /gm)).toHaveLength(2 + 5);
    expect(cellsOf(summary, 'slowest workload to the floor')?.slice(1)).toEqual([
      '≤ 1.2',
      'not measured',
      '**1.30** (w2)',
    ]);
  });

  test('replaces the one between the marks, and refuses a text without them', () => {
    const marks = ['<!-- benchmarks: written by `npm run bench` -->', '<!-- end of benchmarks -->'];
    const written = withSummary(`before\n\n${marks.join('\n\nan older one\n\n')}\n\nafter\n`, results);
    expect(written).toBe(`before\n\n${marks.join(`\n\n${summary}\n\n`)}\n\nafter\n`);
    expect(withSummary(written, results)).toBe(written);
    expect(() => withSummary('before', results)).toThrow('Expected the marks');
  });
});

describe('a page that is kept', () => {
  const kept = JSON.parse(readFileSync(`${root}bench/results/page.json`, 'utf8')) as object;

  test.each([
    ['bench/README.md', () => renderPage(kept)],
    ['README.md', (written: string) => withSummary(written, kept)],
  ])('%s is what bench/results/page.json makes', async (path, render) => {
    const written = readFileSync(`${root}${path}`, 'utf8');
    const style = await resolveConfig(`${root}${path}`);
    expect(written).toBe(await format(render(written), { ...style, parser: 'markdown' }));
  });
});
