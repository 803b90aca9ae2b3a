import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { root } from '../package/built.js';
import { NAMES, OPERATIONS, batchOf, importCandidate, probe } from './modules.js';
import type { Candidate, Plan } from './modules.js';

/** The sources, and not what is built. */
const library = `${root}src/index.ts`;

/** The others are checked in their own run: what they are made of is installed by it. */
const WITHOUT_PEERS = [
  'by-hand-without-context',
  'by-hand',
  'by-hand-in-context',
  'by-hand-in-full',
  'deferqueue',
];

const shape = { depth: 1, works: 4, kind: 'sync', atOnce: 1, concurrency: 1 } as const;

/** A candidate that does with the works of an operation what it is told to. */
const candidateOf = (run: (works: (() => unknown)[]) => unknown): Candidate => ({
  title: 'made up',
  order: 'fifo',
  load: () => async (plan: Plan) =>
    await run(Array.from({ length: plan.count }, (_, index) => plan.work(index))),
});

const runAll = async (works: readonly (() => unknown)[]): Promise<void> => {
  for (const work of works) await work();
};

describe('a candidate', () => {
  test('has a file of its own, and every file is a candidate or what they share', () => {
    const files = readdirSync(`${root}bench/candidates`).map((file) => file.replace('.mjs', ''));
    expect(files.toSorted()).toEqual([...NAMES, 'index', 'nested-calls', 'run-queue'].toSorted());
  });

  describe.each(WITHOUT_PEERS)('%s', (name) => {
    test.each(OPERATIONS)('runs all works of $name ($title) in its order', async (workload) => {
      const candidate = await importCandidate(name);
      const batch = await batchOf(candidate, library, workload);
      if (candidate.cannot?.[workload.name] !== undefined) {
        await expect(batch(1)).rejects.toThrow('works ran at once');
        return;
      }
      const [first, second] = [await batch(2), await batch(2)];
      if (workload.atOnce === 1) {
        expect([first, second]).toEqual([2, 2]);
      } else {
        // Groups of about that size, not all of one.
        expect(first).not.toBe(second);
        for (const each of [first, second]) {
          expect(each).toBeGreaterThanOrEqual(1.5 * workload.atOnce);
          expect(each).toBeLessThanOrEqual(2.5 * workload.atOnce);
        }
      }
    });
  });

  test('that loses a work is refused', async () => {
    const batch = await batchOf(
      candidateOf((works) => runAll(works.slice(1))),
      library,
      shape,
    );
    await expect(batch(1)).rejects.toThrow('3 works ran, and not 4');
  });

  test('that runs works in another order than it says is refused', async () => {
    const batch = await batchOf(
      candidateOf((works) => runAll(works.toReversed())),
      library,
      shape,
    );
    await expect(batch(1)).rejects.toThrow('the works were not run fifo');
  });

  test('that does not wait for its works is refused where they take time', async () => {
    const started = candidateOf((works) => void works.map((work) => work()));
    const batch = await batchOf(started, library, { ...shape, kind: 'io', concurrency: 4 });
    await expect(batch(1)).rejects.toThrow('4 works had not ended');
  });

  test('that runs more works at once than it may is refused', async () => {
    const all = candidateOf((works) => Promise.all(works.map((work) => work())));
    const batch = await batchOf(all, library, { ...shape, kind: 'io', concurrency: 2 });
    await expect(batch(1)).rejects.toThrow('4 works ran at once, and not 2');
    await expect(batch(1, true)).rejects.toThrow('4 works ran at once, and not 2');
  });

  test('warms up with works that take a turn of the event loop in place of their time', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    const batch = await batchOf(candidateOf(runAll), library, { ...shape, kind: 'io' });
    await batch(2, true);
    expect(timers).not.toHaveBeenCalled();
    await batch(2);
    expect(timers).toHaveBeenCalledTimes(2 * shape.works);
  });
});

describe('the probes', () => {
  test('see deferqueue keep all that they look at', async () => {
    const seen = await probe(await importCandidate('deferqueue'), library);
    expect(Object.entries(seen).filter(([, isKept]) => !isKept)).toEqual([]);
    expect(Object.keys(seen).length).toBeGreaterThan(5);
  });

  test('see what is written by hand lose the context, and stop at the first failure', async () => {
    const seen = await probe(await importCandidate('by-hand'), library);
    expect(seen).toMatchObject({ ambient: true, awaited: true, order: true, context: false, allRun: false });
  });

  test.each(['by-hand-in-context', 'by-hand-in-full'])('see %s keep all of that', async (name) => {
    const seen = await probe(await importCandidate(name), library);
    expect(Object.entries(seen).filter(([, isKept]) => !isKept)).toEqual([]);
  });

  test('see where the queue has to be passed along', async () => {
    const seen = await probe(await importCandidate('by-hand-without-context'), library);
    expect(seen).toMatchObject({ ambient: false, awaited: true });
  });
});
