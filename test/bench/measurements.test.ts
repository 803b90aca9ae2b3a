import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../package/built.js';
import {
  WORKLOADS,
  commandOf,
  flagsOf,
  importCandidate,
  measureAll,
  measureHold,
  measureLeft,
  measureMemory,
  optionsOf,
  watchLoop,
} from './modules.js';
import type { Candidate, Plan } from './modules.js';

const library = `${root}src/index.ts`;

/** Bytes of what is kept, or a little more. */
const OBJECT = 1000;
const large = (): unknown => Array.from({ length: OBJECT / 8 }, (_, index) => index + 0.5);

const candidateOf = (run: (items: (() => unknown)[]) => unknown): Candidate => ({
  title: 'made up',
  order: 'fifo',
  load: () => async (plan: Plan) => {
    const items = Array.from({ length: plan.count }, (_, index) => plan.work(index));
    plan.queued?.();
    await plan.pause?.();
    await run(items);
  },
});

const runAll = async (items: readonly (() => unknown)[]): Promise<void> => {
  for (const item of items) await item();
};

const MEASURES = [
  ['memory', measureMemory, { items: 20_000 }],
  ['left', measureLeft, { items: 3, operations: 200 }],
  ['hold', measureHold, { items: 10_000 }],
] as const;

describe.each(MEASURES)('the measurement of %s', (metric, measure, workload) => {
  test.each(['by-hand-in-full', 'deferqueue'])('has a value for %s', async (name) => {
    const taken = await measure(await importCandidate(name), library, workload, { samples: 2 });
    expect(Object.keys(taken)).toEqual([metric]);
    for (const value of taken[metric]!) expect(value).not.toBeNaN();
  });

  test('refuses a candidate that loses an item', async () => {
    const loses = candidateOf((items) => runAll(items.slice(1)));
    await expect(measure(loses, library, workload, { samples: 1 })).rejects.toThrow('ran instead of');
  });
});

test('the measurement of memory sees what is held for each queued item', async () => {
  const holds: Candidate = {
    title: 'made up',
    order: 'fifo',
    load: () => async (plan: Plan) => {
      const items = Array.from({ length: plan.count }, (_, index) => ({
        work: plan.work(index),
        kept: large(),
      }));
      plan.queued?.();
      await runAll(items.map(({ work }) => work));
      expect(items).toHaveLength(plan.count);
    },
  };
  const { memory } = await measureMemory(holds, library, { items: 1000 }, { samples: 1 });
  expect(memory![0]).toBeGreaterThanOrEqual(0.9 * OBJECT);
});

test('the measurement of operations in a row sees what they leave behind', async () => {
  const kept: unknown[] = [];
  const leaks = candidateOf((items) => {
    kept.push(large());
    return runAll(items);
  });
  const { left } = await measureLeft(leaks, library, { items: 2, operations: 200 });
  expect(kept).toHaveLength(202);
  expect(left![0]).toBeGreaterThanOrEqual(0.9 * OBJECT);
});

test('the watch of the event loop returns its longest turn', async () => {
  const stop = watchLoop();
  for (const milliseconds of [5, 30, 10]) {
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(stop()).toBeGreaterThanOrEqual(30);
});

describe('a measurement', () => {
  test('fixes the size of the young generation where times are taken, and only there', () => {
    const size = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
    for (const workload of WORKLOADS) {
      const flags = flagsOf(workload);
      expect(flags).toContain('--expose-gc');
      expect(flags.filter((flag) => size.includes(flag))).toEqual(workload.measure === 'time' ? size : []);
    }
  });

  test('is a process that starts with the flags of its workload', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deferqueue-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const binary = join(folder, 'node');
    const script = `case "$*" in *--min-semi-space-size=16*) echo '{"cpu":16}';; *) echo '{"cpu":0}';; esac`;
    writeFileSync(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const schedule = WORKLOADS.filter(({ name }) => name === 'w1' || name === 'memory').map((workload) => ({
      round: 0,
      node: { major: '20', binary },
      workload,
      subject: { name: 'made up', input: {} },
    }));
    const rows = await measureAll(schedule, { noTTYOutput: false });
    expect(rows.map(({ workload, values }) => [workload, values['cpu']])).toEqual([
      ['memory', [0]],
      ['w1', [16]],
    ]);
  });

  test.each(['w1', 'w7'])('of %s prints a value for each metric', (workload) => {
    const input = { candidate: 'by-hand-in-full', workload, pace: { samples: 1, warmUp: 1, target: 1 } };
    const printed = execFileSync(process.execPath, [`${root}bench/sample.mjs`, JSON.stringify(input)], {
      encoding: 'utf8',
    });
    const metrics = WORKLOADS.find(({ name }) => name === workload)!.metrics;
    const measured = JSON.parse(printed) as Record<string, number>;
    expect(Object.keys(measured)).toEqual(metrics);
    for (const value of Object.values(measured)) expect(value).toBeGreaterThan(0);
  });
});

describe('the command line', () => {
  test('plans a whole run of less than 25 minutes', () => {
    const printed = execFileSync(process.execPath, [`${root}bench/run.mjs`, '--plan'], { encoding: 'utf8' });
    const minutes = Number(/about (\d+) minutes/.exec(printed)?.[1]);
    expect(minutes).toBeGreaterThan(1);
    expect(minutes).toBeLessThan(25);
  });

  test.each([
    [['--node', '21'], 'Expected names of 20, 22, 24, 26, got `21`'],
    [['--workload', 'w1,w9'], 'got `w9`'],
    [['--rounds', '0'], 'Expected a whole number from 1 to 1000, got `0`'],
    [['everything'], 'too many arguments'],
  ])('refuses %j', (given, message) => {
    const command = commandOf('bench', '')
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    expect(() => optionsOf(command, ['node', 'bench', ...given])).toThrow(message);
  });

  test('refuses to compare with what is not a revision', () => {
    const arguments_ = [`${root}bench/compare.mjs`, 'no-such-revision'];
    const { status, stderr } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
    expect(stderr).toContain('`no-such-revision` is not a revision');
    expect(status).toBe(2);
  });
});
