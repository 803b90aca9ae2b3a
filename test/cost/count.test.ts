import { describe, expect, test } from 'vitest';
import { root } from '../package/built.js';

interface Counts {
  readonly bytes: number;
  readonly promises: number;
  readonly calls: number;
}

const { count } = (await import(`${root}scripts/cost/check.mjs`)) as {
  count: (input: object, flags?: readonly string[]) => Promise<Counts>;
};

const library = new URL('hand-written.mjs', import.meta.url).href;
const bulk = { workload: '1,000 work items', library };

describe('what a hand-written library is counted to do', () => {
  test('is what its text says', async () => {
    const { bytes, promises, calls } = await count(bulk);
    // Each work item makes a promise, and so does the await of it.
    expect(Math.floor(promises / 1000)).toBe(2);
    // Each defer, withOperation, and the function in it, which is entered again after each await.
    expect(calls).toBe(1000 + 1 + 1002);
    // At the least, an entry of the array and two promises for each work item.
    expect(bytes / 1000).toBeGreaterThan(100);
    expect(bytes / 1000).toBeLessThan(2000);
  });

  test('is the same in another process', async () => {
    const [one, other] = [await count(bulk), await count(bulk)];
    expect({ ...other, bytes: 0 }).toEqual({ ...one, bytes: 0 });
    expect(other.bytes / one.bytes).toBeCloseTo(1, 2);
  });

  test('is refused where the heap was collected meanwhile', async () => {
    await expect(count(bulk, ['--max-semi-space-size=1'])).rejects.toThrow('The heap was collected');
  });
});
