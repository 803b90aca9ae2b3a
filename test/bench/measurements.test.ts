import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';
import {
  flagsOf,
  importCandidate,
  measureAll,
  measureFairness,
  measureLive,
  measureMemory,
  measurePeak,
  measureSequential,
  METRICS,
  watchLoop,
} from './modules.js';
import type { Candidate, Plan } from './modules.js';

const library = `${root}src/index.ts`;

/** Bytes of what is kept, or a little more. */
const OBJECT = 1000;
const large = (): unknown => Array.from({ length: OBJECT / 8 }, (_, index) => index + 0.5);

/** By hand, but for what is done with the works of an operation. */
const candidateOf = (
  run: (works: (() => unknown)[], plan: Plan) => unknown,
  keep: () => unknown = () => undefined,
): Candidate => ({
  title: 'made up',
  order: 'fifo',
  load: () => async (plan: Plan) => {
    const kept = keep();
    const works = Array.from({ length: plan.count }, (_, index) => plan.work(index));
    plan.queued?.();
    await plan.pause?.();
    await run(works, plan);
    return kept;
  },
});

const runAll = async (works: readonly (() => unknown)[]): Promise<void> => {
  for (const work of works) await work();
};
const loses = candidateOf((works) => runAll(works.slice(1)));

const marks = { quarter: 50, half: 100, end: 200 };

describe.each(['by-hand', 'deferqueue'])('%s', (name) => {
  test('holds bytes for each queued work, and at its peak those of all', async () => {
    const candidate = await importCandidate(name);
    const { bytes } = await measureMemory(candidate, library, { works: 20_000, samples: 5 });
    expect(bytes).toHaveLength(5);
    // A place in an array is 8 bytes, or 4. What is compiled in the background may still make one sample less.
    expect(Math.max(...bytes)).toBeGreaterThanOrEqual(4);
    const { heap, resident } = await measurePeak(candidate, library, { works: 100_000 });
    expect(heap[0]).toBeGreaterThanOrEqual(4 * 100_000);
    expect(resident[0]).toBeGreaterThanOrEqual(0);
  });

  test('is measured one operation after the other, at each mark', async () => {
    const candidate = await importCandidate(name);
    const taken = await measureSequential(candidate, library, { works: 3, warmUp: 10, marks });
    expect(Object.keys(taken)).toEqual(['begin', 'quarter', 'half', 'end', 'cpu']);
    for (const values of Object.values(taken)) expect(values[0]).toBeGreaterThan(0);
  });

  test('holds bytes for each open operation', async () => {
    const candidate = await importCandidate(name);
    const taken = await measureLive(candidate, library, { works: 1, operations: 500, samples: 2 });
    expect(taken.bytes).toHaveLength(2);
    expect(taken.cpu).toHaveLength(2);
    for (const value of [...taken.bytes, ...taken.cpu]) expect(value).toBeGreaterThan(0);
  });

  test('is asked for answers while it drains', async () => {
    const taken = await measureFairness(await importCandidate(name), library, { works: 10_000 });
    expect(taken.held[0]).toBeGreaterThan(0);
    expect(taken.latency[0]).toBeGreaterThan(0);
    expect(taken.drained[0]).toBeGreaterThan(0);
  });
});

describe('a measurement', () => {
  test.each([
    ['w1', 1],
    ['w7', 2],
  ])('of %s takes %i times as many samples as is asked for', (workload, times) => {
    const asked = { candidate: 'by-hand', workload, library, samples: 1, warmUp: 1, target: 1 };
    const measured = execFileSync(
      process.execPath,
      ['--expose-gc', `${root}bench/sample.mjs`, JSON.stringify(asked)],
      { encoding: 'utf8' },
    );
    expect((JSON.parse(measured) as { cpu: number[] }).cpu).toHaveLength(times);
  });

  test.each([
    ['memory', () => measureMemory(loses, library, { works: 10, samples: 1 })],
    ['peak', () => measurePeak(loses, library, { works: 10 })],
    ['sequential', () => measureSequential(loses, library, { works: 2, warmUp: 1, marks })],
    ['live', () => measureLive(loses, library, { works: 1, operations: 10, samples: 1 })],
    ['fairness', () => measureFairness(loses, library, { works: 10 })],
  ])('of %s refuses a candidate that loses a work', async (_name, measure) => {
    await expect(measure()).rejects.toThrow(/works ran, and not/);
  });

  test('of live operations refuses one that runs its works before the end', async () => {
    const early = {
      ...loses,
      load: () => (plan: Plan) => {
        for (let index = 0; index < plan.count; index++) plan.work(index)();
        return plan.pause?.();
      },
    };
    await expect(measureLive(early, library, { works: 1, operations: 10, samples: 1 })).rejects.toThrow(
      '10 works ran while their operations were open',
    );
  });

  test('of operations in a row sees what they leave behind', async () => {
    const kept: unknown[] = [];
    const leaks = candidateOf((works) => {
      kept.push(large());
      return runAll(works);
    });
    const { begin, end } = await measureSequential(leaks, library, { works: 2, warmUp: 10, marks });
    expect(kept).toHaveLength(210);
    expect((end![0]! - begin![0]!) / marks.end).toBeGreaterThanOrEqual(0.9 * OBJECT);
  });

  test('of live operations sees what each of them holds', async () => {
    const plain = candidateOf(runAll);
    const holds = candidateOf(runAll, large);
    // So many that what the runner of the tests lets go of meanwhile is little beside them.
    const options = { works: 0, operations: 4000, samples: 1 };
    const [less, more] = [
      await measureLive(plain, library, options),
      await measureLive(holds, library, options),
    ];
    expect(more.bytes[0]! - less.bytes[0]!).toBeGreaterThanOrEqual(0.9 * OBJECT);
  });

  test('of the peak sees what is held in the middle of the drain alone', async () => {
    const works = 1000;
    const hoards = candidateOf(async (all) => {
      const held = Array.from({ length: works }, large);
      await runAll(all);
      return held.length;
    });
    const { heap } = await measurePeak(hoards, library, { works });
    expect(heap[0]).toBeGreaterThanOrEqual(0.9 * works * OBJECT);
  });

  test('of times has a young generation of one size, as a process that lives long, and others as it comes', () => {
    const size = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
    for (const workload of ['w1', 'w7', 'growth']) {
      expect(flagsOf({ workload })).toEqual(expect.arrayContaining(size));
    }
    for (const workload of ['memory', 'peak', 'sequential', 'live', 'fairness', 'startup']) {
      expect(flagsOf({ workload })).toEqual(['--expose-gc']);
    }
  });

  test('is a process that is started with what its workload asks for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deferqueue-'));
    const binary = join(folder, 'node');
    const script = `case "$*" in *--min-semi-space-size=16*) echo '{"cpu":[16]}';; *) echo '{"cpu":[0]}';; esac`;
    writeFileSync(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    try {
      const jobOf = (workload: string) => ({
        round: 0,
        node: { major: '20', binary },
        point: { workload },
        subject: { name: 'made up', input: {} },
      });
      const schedule = [jobOf('w1'), jobOf('memory')];
      const rows = await measureAll({ schedule, pace: {}, step: () => {} });
      expect(rows.map(({ values }) => values['cpu'])).toEqual([[16], [0]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('has metrics that can all be written', async () => {
    const candidate = await importCandidate('by-hand');
    const taken = [
      await measurePeak(candidate, library, { works: 10 }),
      await measureSequential(candidate, library, { works: 1, warmUp: 1, marks }),
      await measureLive(candidate, library, { works: 0, operations: 10, samples: 1 }),
      await measureFairness(candidate, library, { works: 10 }),
    ];
    for (const name of taken.flatMap((values) => Object.keys(values))) expect(METRICS).toHaveProperty(name);
  });
});

describe('the watch of the loop', () => {
  test('tells the longest turn, of which what the thread waited for is no part of its own', async () => {
    const stop = watchLoop();
    for (const milliseconds of [5, 30, 10]) {
      const until = performance.now() + milliseconds;
      while (performance.now() < until);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { held, own, pause } = await stop();
    expect(held).toBeGreaterThanOrEqual(30);
    if (own !== undefined) expect(own).toBeLessThanOrEqual(held);
    expect(pause).toBeGreaterThanOrEqual(0);
  });

  test('tells of a collection, and none of those before it', async () => {
    globalThis.gc?.();
    const quiet = await watchLoop()();
    const stop = watchLoop();
    const kept = Array.from({ length: 1000 }, large);
    globalThis.gc?.();
    const { pause, held } = await stop();
    expect(kept).toHaveLength(1000);
    expect(quiet.pause).toBe(0);
    expect(pause).toBeGreaterThan(0);
    expect(pause).toBeLessThanOrEqual(held);
  });
});
