import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';
import { FLAGS, partsOf, WORKLOADS } from './modules.js';
import type { Cost } from './modules.js';

/** Nothing of the environment changes what is counted. */
const count = (input: object, flags: readonly string[]) =>
  spawnSync(process.execPath, [...flags, `${root}scripts/cost/count.mjs`, JSON.stringify(input)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });

const run = (input: object, flags: readonly string[]): unknown => {
  const { status, stdout, stderr } = count(input, flags);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

const allocated = (subject: string, workload: string) =>
  run({ subject, allocated: workload }, FLAGS.allocated) as Pick<Cost, 'bytes' | 'promises' | 'microtasks'>;

describe('what is written by hand, whose cost is known', () => {
  const works = 1000;

  test.each([
    // The await of the promise that the work has returned.
    ['w4', { promises: 1, microtasks: 1 }],
    // The await of no promise makes one more.
    ['w5', { promises: 2, microtasks: 1 }],
  ])('%s: each work costs %o', (name, known) => {
    expect(WORKLOADS.find((workload) => workload.name === name)).toSatisfy(
      (workload) => partsOf(workload) === works,
    );
    const byHand = allocated('by hand', name);
    const inPlace = allocated('in place', name);
    expect(Math.round((byHand.promises - inPlace.promises) / works)).toBe(known.promises);
    expect(Math.round((byHand.microtasks - inPlace.microtasks) / works)).toBe(known.microtasks);
    // At the least, an entry of an array and what is awaited.
    expect((byHand.bytes - inPlace.bytes) / works).toBeGreaterThan(8 + known.promises * 32);
  });

  test('each operation calls the two functions that it is made of, and each work the one that defers it', () => {
    const counts = run({ subject: 'by hand', executed: ['w1', 'w4'] }, FLAGS.executed) as Record<
      string,
      Cost
    >;
    const [w1] = WORKLOADS;
    expect(counts['w1']?.calls).toBe(2 * partsOf(w1!));
    expect(counts['w4']?.calls).toBe(2 + works);
  });
});

describe('a count', () => {
  test('is the same in another process', () => {
    const [one, other] = [allocated('by hand', 'w3'), allocated('by hand', 'w3')];
    expect({ ...other, bytes: 0 }).toEqual({ ...one, bytes: 0 });
    expect(other.bytes / one.bytes).toBeCloseTo(1, 2);
  });

  test('is refused where the heap was collected meanwhile', () => {
    const { status, stderr } = count({ subject: 'by hand', allocated: 'w4' }, ['--max-semi-space-size=1']);
    expect(status).toBe(1);
    expect(stderr).toContain('The heap was collected');
  });
});
