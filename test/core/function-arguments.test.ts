import { runInNewContext } from 'node:vm';
import { currentOperation, defer, settleOperation, withOperation, withTask } from 'deferqueue';
import { describe, expect, test } from 'vitest';

const invalid = expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });

describe('G4 generator functions', () => {
  const sync = function* (): Generator<number> {
    yield 1;
  };
  const asynchronous = async function* (): AsyncGenerator<number> {
    yield 1;
  };
  const foreign = runInNewContext('(function* () {})') as () => unknown;

  test.each([
    ['a generator function', sync],
    ['an async generator function', asynchronous],
    ['one of another realm', foreign],
    ['a bound one', sync.bind(undefined)],
  ])('%s is refused as work, task and operation', async (_what, fn) => {
    await withOperation(async () => {
      expect(() => defer(fn)).toThrow(invalid);
      await expect(withTask(fn)).rejects.toEqual(invalid);
      await expect(withTask('name', fn)).rejects.toEqual(invalid);
      expect(currentOperation()?.pending).toBe(0);
    });
    await expect(withOperation(fn)).rejects.toEqual(invalid);
    await expect(withOperation('name', fn)).rejects.toEqual(invalid);
    await expect(settleOperation({}, fn)).rejects.toEqual(invalid);
    expect(() => defer(fn, { outside: 'run' })).toThrow(invalid);
  });

  test('run, bind and discard take any function', async () => {
    await withOperation((operation) => {
      expect([...operation.run(sync)]).toEqual([1]);
      expect([...operation.bind(sync)()]).toEqual([1]);
      defer(() => {}, { discard: sync }).cancel();
    });
  });
});

describe('names are optional', () => {
  test('in settleOperation and withTask', async () => {
    const { outcome } = await settleOperation(() => withTask((task) => task.name));
    expect(outcome).toEqual({ status: 'fulfilled', value: undefined });
    await expect(settleOperation(() => withTask((() => {}) as never, () => {}))).resolves.toMatchObject({
      outcome: { reason: invalid },
    });
  });
});
