import { describe, expect, test, vi } from 'vitest';
import { replaceImmediate } from '../support/immediates.js';

const busy = (milliseconds: number): void => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
};

describe('G10 no scheduler', () => {
  test('where the platform refuses an immediate, as while modules are loaded, the drain goes on without one', async () => {
    const refused = vi.fn(() => {
      throw new Error('not in the global scope');
    });
    const replaced = replaceImmediate(refused);
    // Such a platform does not count the turns of its loop either.
    vi.stubGlobal('performance', { now: performance.now.bind(performance) });
    vi.resetModules();
    const own = await import('deferqueue').then(({ createRuntime }) => createRuntime());
    vi.unstubAllGlobals();
    replaced.restore();
    const ran: number[] = [];
    for (const concurrency of [1, 2]) {
      await own.withOperation({ concurrency }, () => {
        for (let index = 0; index < 4; index++) {
          own.defer(() => {
            ran.push(index);
            busy(6);
          });
        }
      });
    }
    expect(ran).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(refused).toHaveBeenCalled();
  });
});
