import { currentOperation, defer, flush, withOperation, withTask } from 'deferqueue';
import type { Task } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { turn } from '../support/gate.js';

const gc = globalThis.gc as ((options: object) => Promise<void>) | undefined;

/** How many are still there. WeakRefs keep their target until the turn of the loop ends. */
const kept = async (refs: readonly WeakRef<object>[]): Promise<number> => {
  for (let attempt = 0; attempt < 3; attempt++) {
    await turn();
    await gc?.({ execution: 'async', type: 'major' });
  }
  return refs.filter((ref) => ref.deref() !== undefined).length;
};

describe('G25 release', () => {
  test('an operation that flushes again and again keeps none of the works that have run', async () => {
    expect(gc).toBeTypeOf('function');
    const refs: WeakRef<object>[] = [];
    await withOperation(async () => {
      defer(() => {}, { on: 'success', name: 'waits for the end' });
      for (let index = 0; index < 300; index++) {
        refs.push(new WeakRef(defer(() => {}, { name: 'named' })));
        refs.push(new WeakRef(defer(() => {}, { key: index })));
        await flush();
      }
      expect(await kept(refs)).toBeLessThan(50);
      expect(currentOperation()?.pending).toBe(1);
    });
  });

  test('nor the tasks whose works have run, also where many others have work queued', async () => {
    const refs: WeakRef<object>[] = [];
    await withOperation(async () => {
      for (let index = 0; index < 50; index++) await withTask('has work', () => void defer(() => {}));
      for (let index = 0; index < 300; index++) {
        await withTask('flushes', async (task: Task) => {
          refs.push(new WeakRef(task));
          defer(() => {});
          await flush();
        });
      }
      // Those that have nothing left are cleared away together, from time to time.
      expect(await kept(refs)).toBeLessThan(150);
      expect(currentOperation()?.pending).toBe(50);
    });
  });
});
