import { configure, createRuntime } from 'deferqueue';
import { describe, expect, test } from 'vitest';

const invalid = expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });

describe('configure', () => {
  test('gives defaults to operations that are opened from then on, until they are taken back', async () => {
    const { configure: set, withOperation: run, settleOperation: settle, defer: later } = createRuntime();
    const works = async (): Promise<unknown> =>
      (await settle(() => void later(() => {}))).report.works?.length;
    expect(await works()).toBeUndefined();
    const restore = set({ report: 'full', name: 'default' });
    expect(await works()).toBe(1);
    expect(await run((operation) => operation.name)).toBe('default');
    expect(await run('given', (operation) => operation.name)).toBe('given');
    restore();
    restore();
    expect(await works()).toBeUndefined();
  });

  test('is laid over what is in force, whatever the order in which it is taken back', async () => {
    const {
      configure: set,
      withOperation: run,
      defer: later,
    } = createRuntime({ defaults: { maxPending: 1 } });
    const limit = (): Promise<unknown> =>
      run(() => {
        let count = 0;
        try {
          for (; count < 9; count++) later(() => {});
        } catch {
          return count;
        }
        return Infinity;
      });
    const first = set({ maxPending: 2 });
    const second = set({ maxPending: 3 });
    expect(await limit()).toBe(3);
    first();
    expect(await limit()).toBe(3);
    second();
    second();
    expect(await limit()).toBe(1);
  });

  test.each([[undefined], [null], ['name'], [{ nope: 1 }], [{ maxPending: -1 }], [{ drainSignal: {} }]])(
    'refuses %j',
    (defaults) => {
      expect(() => configure(defaults as never)).toThrow(invalid);
    },
  );
});
