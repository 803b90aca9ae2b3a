import { defer, settleOperation } from 'deferqueue';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { explainFailures } from '../../src/testing/index.js';
import { Program } from '../examples/program.js';

const fail =
  (reason: unknown): (() => Promise<never>) =>
  () =>
    Promise.reject(reason);

/** What a test gets beside its own errors, if works have failed in it. */
const explained =
  (
    state: string,
    errors: readonly { readonly message: string }[] | undefined,
  ): ((during: () => Promise<unknown>) => Promise<unknown>) =>
  async (during) => {
    const task: { result?: { state: string; errors?: typeof errors } } = {};
    const end = explainFailures({ task });
    await during();
    task.result = { state, errors };
    try {
      end();
    } catch (error) {
      return error;
    }
    return undefined;
  };

const checkout = (): Promise<unknown> =>
  settleOperation('checkout', () => {
    defer(fail(new Error('SMTP is down')), { name: 'receipt' });
    defer(() => undefined, { name: 'ran' });
    defer(fail('no index'));
  });

describe('explainFailures', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each(['SMTP is down', 'no index'])(
    'tells which works of which operation failed where one of them made the test fail: %s',
    async (message) => {
      const error = (await explained('fail', [{ message: 'else' }, { message }])(checkout)) as Error;
      expect(error).not.toBeInstanceOf(AggregateError);
      expect(error.name).toBe('DeferredWorkError');
      expect(error.message).toMatch(
        /^2 work items failed in operation "checkout" \(#\d+\):\n {2}"receipt": Error: SMTP is down\n {2}\(unnamed work\): "no index"$/,
      );
      expect(error.stack).toBe(`DeferredWorkError: ${error.message}\n`);
    },
  );

  test('has the stack of the registration where that is kept', async () => {
    const error = (await explained('fail', [{ message: 'a' }])(() =>
      settleOperation({ trace: true }, function body() {
        defer(fail(new Error('a')));
      }),
    )) as Error;
    expect(error.stack?.slice(error.message.length + 'DeferredWorkError: \n'.length)).toMatch(
      /^ {4}at body \(.*explain-failures\.test\.ts/,
    );
  });

  test('tells of works that timed out', async () => {
    vi.useFakeTimers();
    const error = (await explained('fail', [{ message: 'late' }])(async () => {
      const settled = settleOperation({ drainTimeout: 50 }, () => {
        defer(fail(new Error('late')));
        defer(() => new Promise(() => undefined), { name: 'slow', timeout: 10 });
      });
      await vi.advanceTimersByTimeAsync(10);
      await settled;
    })) as Error;
    expect(error.message).toMatch(/\n {2}"slow": WorkTimeoutError: /);
  });

  test('tells of each operation that had a part in it, and of no other', async () => {
    const error = (await explained('fail', [{ message: 'a' }, { message: 'b' }])(async () => {
      for (const name of ['a', 'b', 'c'])
        await settleOperation(name, () => void defer(fail(new Error(name))));
    })) as AggregateError;
    expect(error.errors.map(({ message }: Error) => /operation "(.)"/.exec(message)?.[1])).toEqual([
      'a',
      'b',
    ]);
  });

  test.each([
    ['a test that passes', 'pass', undefined],
    ['a test that fails with something else', 'fail', [{ message: 'else' }]],
    ['a test that fails with nothing to tell', 'fail', undefined],
  ])('leaves %s alone', async (_, state, errors) => {
    expect(await explained(state, errors)(checkout)).toBeUndefined();
  });

  test('leaves a test alone that never began, and whatever was thrown', async () => {
    const unreadable = {
      get message(): string {
        throw new Error('no');
      },
    };
    const end = explainFailures({ task: {} });
    end();
    const during = (): Promise<unknown> => settleOperation('odd', () => void defer(fail(unreadable)));
    expect(await explained('fail', [{ message: 'else' }])(during)).toBeUndefined();
  });

  test('hears nothing of what comes after the test', async () => {
    const task: { result?: { state: string; errors: { message: string }[] } } = {};
    const end = explainFailures({ task });
    end();
    await checkout();
    task.result = { state: 'fail', errors: [{ message: 'SMTP is down' }] };
    expect(end).not.toThrow();
  });

  test('makes Vitest print the operation, its works, why they failed and where they were deferred', async () => {
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--root', 'test/testing/explained'];
    const { stderr, status } = await new Program(process.execPath, args, { VITEST: '', NO_COLOR: '1' })
      .finished;
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        [
          'DeferredWorkError: 2 work items failed in operation "checkout" \\(#1\\):',
          '  "receipt": Error: SMTP is down',
          '    deferred at placeOrder \\(.*failing\\.ts:8:3\\)',
          '  \\(unnamed work\\): "no index"',
          '    deferred at placeOrder \\(.*failing\\.ts:10:3\\)',
          ' ❯ placeOrder failing\\.ts:8:3',
        ].join('\n'),
      ),
    );
  });
});
