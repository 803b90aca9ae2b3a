import { AsyncLocalStorage } from 'node:async_hooks';
import { withOperation } from 'deferqueue';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AsyncLocalStorageCarrier } from '../../src/carriers/index.js';

/** How many contexts a call enters by `enterWith`, its own among them if it calls it. */
const entered = (call: () => void): number => {
  const enterWith = vi.spyOn(AsyncLocalStorage.prototype, 'enterWith');
  call();
  const times = enterWith.mock.calls.length;
  enterWith.mockRestore();
  return times;
};

/** Whether `run` of this version of Node.js enters a context for its call and another one for its end. */
const entersTwice = entered(() => new AsyncLocalStorage().run('value', () => {})) === 2;

describe('the carrier over AsyncLocalStorage', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('a run enters one context at most', () => {
    const carrier = new AsyncLocalStorageCarrier();
    const run = (): void => carrier.run('value', () => {}, undefined, undefined);
    run();
    expect(entered(run)).toBe(entersTwice ? 1 : 0);
  });

  test('a value that is current already is entered again without harm', () => {
    const carrier = new AsyncLocalStorageCarrier();
    const read = (): unknown => carrier.get();
    const values = carrier.run(
      'value',
      () => [carrier.run('value', read, undefined, undefined), carrier.get()],
      undefined,
      undefined,
    );
    expect(values).toEqual(['value', 'value']);
    expect(carrier.get()).toBeUndefined();
  });

  test('what the function of an operation enters in another storage ends with the call, where run enters two contexts', async () => {
    const other = new AsyncLocalStorage<string>();
    await other.run('outside', async () => {
      const running = withOperation(async () => {
        other.enterWith('inside');
        await Promise.resolve();
        return other.getStore();
      });
      expect(other.getStore()).toBe(entersTwice ? 'outside' : 'inside');
      expect(await running).toBe('inside');
    });
  });
});
