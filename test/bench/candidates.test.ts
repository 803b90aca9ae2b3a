import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { root } from '../package/built.js';
import { NAMES, PEERS, WORKLOADS, batchOf, importCandidate } from './modules.js';
import type { Candidate, Plan, RunOperation } from './modules.js';

/** The sources, not what is built. */
const library = `${root}src/index.ts`;

/** Peers are installed by the first run of the benchmarks; p-queue always is. */
const isInstalled = existsSync(`${root}bench/node_modules`);
const installed = NAMES.filter((name) => isInstalled || name === 'p-queue' || !PEERS.includes(name));

const shape = { depth: 1, items: 4, kind: 'sync', atOnce: 1, concurrency: 1 } as const;

/** A candidate that does something of its own with the work items of an operation. */
const candidateOf = (run: (items: (() => unknown)[]) => unknown): Candidate => ({
  title: 'made up',
  order: 'fifo',
  load: () => async (plan: Plan) =>
    await run(Array.from({ length: plan.count }, (_, index) => plan.work(index))),
});

const runAll = async (items: readonly (() => unknown)[]): Promise<void> => {
  for (const item of items) await item();
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a candidate', () => {
  test('has a file of its own', () => {
    const files = readdirSync(`${root}bench/candidates`).map((file) => file.replace('.mjs', ''));
    expect(files.toSorted()).toEqual([...NAMES, 'index', 'nested-calls'].toSorted());
  });

  describe.each(installed)('%s', (name) => {
    const timed = WORKLOADS.filter(
      ({ measure, candidates }) => measure === 'time' && candidates.includes(name),
    );
    test.each(timed)('runs every item of $name in its order', async (workload) => {
      const small = {
        ...workload,
        items: Math.min(workload.items, 40),
        atOnce: Math.min(workload.atOnce, 8),
      };
      const batch = await batchOf(await importCandidate(name), library, small);
      const operations = await batch(2);
      // Groups vary in size by a quarter.
      const [least, most] = small.atOnce === 1 ? [2, 2] : [12, 20];
      expect(operations).toBeGreaterThanOrEqual(least);
      expect(operations).toBeLessThanOrEqual(most);
    });
  });

  test('that loses an item is refused', async () => {
    const loses = candidateOf((items) => runAll(items.slice(1)));
    const batch = await batchOf(loses, library, shape);
    await expect(batch(1)).rejects.toThrow('3 items ran instead of 4');
  });

  test('that runs items in another order than it says is refused', async () => {
    const reverses = candidateOf((items) => runAll(items.toReversed()));
    const batch = await batchOf(reverses, library, shape);
    await expect(batch(1)).rejects.toThrow('the items did not run fifo');
  });

  test('that does not wait for its items is refused', async () => {
    const starts = candidateOf((items) => void items.map((item) => item()));
    const batch = await batchOf(starts, library, { ...shape, kind: 'io', concurrency: 4 });
    await expect(batch(1)).rejects.toThrow('4 items had not ended');
  });

  test('that runs more items at once than it may is refused', async () => {
    const all = candidateOf((items) => Promise.all(items.map((item) => item())));
    const batch = await batchOf(all, library, { ...shape, kind: 'io', concurrency: 2 });
    await expect(batch(1)).rejects.toThrow('4 items ran at once instead of 2');
  });

  test('warms up with items that wait for a turn of the event loop instead of their time', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    const batch = await batchOf(candidateOf(runAll), library, { ...shape, kind: 'io' });
    await batch(2, true);
    expect(timers).not.toHaveBeenCalled();
    await batch(2);
    expect(timers).toHaveBeenCalledTimes(2 * shape.items);
  });
});

describe.each(['by-hand-in-full', 'deferqueue'])('%s keeps the guarantees of the floor:', (name) => {
  const load = async (concurrency = 1): Promise<RunOperation> =>
    (await importCandidate(name)).load({ library, concurrency });
  const run = async (work: Plan['work'], more: Partial<Plan> = {}, concurrency = 1): Promise<unknown> =>
    (await load(concurrency))({ depth: 1, count: 4, work, ...more });
  const settled = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  test.each([1, 3])('the operation waits for its items, %i at a time', async (concurrency) => {
    let running = 0;
    let ended = 0;
    const most: number[] = [];
    const work = () => async () => {
      most.push(++running);
      await turn();
      running--;
      ended++;
    };
    await run(work, {}, concurrency);
    expect(ended).toBe(4);
    expect(Math.max(...most)).toBe(concurrency);
  });

  test.each([1, 3])('an item runs in the context that deferred it (%i at a time)', async (concurrency) => {
    const storage = new AsyncLocalStorage();
    const seen: unknown[] = [];
    const work = (index: number) => {
      storage.enterWith(index);
      return async () => seen.push(storage.getStore());
    };
    await storage.run('outside', () => run(work, {}, concurrency));
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('items run although the function fails, and the caller gets its reason', async () => {
    const reason = new Error('of the function');
    let ran = 0;
    const queued = () => {
      throw reason;
    };
    expect(await settled(run(() => () => ran++, { queued }))).toBe(reason);
    expect(ran).toBe(4);
  });

  test.each([1, 3])('every item runs and every failure is reported (%i at a time)', async (concurrency) => {
    const work = (index: number) => () => Promise.reject(new Error(`of item ${index}`));
    const failure = (await settled(run(work, {}, concurrency))) as AggregateError;
    expect(failure.errors).toHaveLength(4);
  });
});

test('the floor yields to the event loop in a long drain', async () => {
  const operation = await (await importCandidate('by-hand-in-full')).load({ library, concurrency: 1 });
  let turns = 0;
  let isDraining = true;
  const count = async (): Promise<void> => {
    for (; isDraining; turns++) await turn();
  };
  void count();
  const work = () => () => {
    const until = performance.now() + 8;
    while (performance.now() < until);
  };
  await operation({ depth: 1, count: 10, work });
  isDraining = false;
  expect(turns).toBeGreaterThan(1);
});
