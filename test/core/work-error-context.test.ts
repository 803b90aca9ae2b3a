import { AsyncLocalStorage } from 'node:async_hooks';
import { currentOperation, defer, settleOperation, use, withOperation, withTask } from 'deferqueue';
import type { OperationOptions } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { catchWarnings } from '../support/warnings.js';

const warnings = catchWarnings();

describe('G13 onWorkError', () => {
  test.each([1, 2, Infinity])(
    'is called in the context of the work, with its operation, concurrency %d',
    async (concurrency) => {
      const user = new AsyncLocalStorage<string>();
      const heard: unknown[] = [];
      const onWorkError: OperationOptions['onWorkError'] = (error, { name }, operation) =>
        heard.push([error, name, operation.name, user.getStore(), currentOperation()?.name]);
      const discard = (): void => {
        throw 'discarded';
      };
      await withOperation({ name: 'request', workErrors: 'report', onWorkError, concurrency }, async () => {
        user.run('ann', () => {
          defer(() => Promise.reject('failed'), { name: 'mail' });
          use({
            [Symbol.dispose]() {
              throw 'disposed';
            },
          });
        });
        await user.run('bob', () =>
          withTask(() => void defer(() => {}, { name: 'undo', on: 'failure', discard })),
        );
      });
      expect(heard).toEqual([
        ['discarded', 'undo', 'request', 'bob', 'request'],
        ['failed', 'mail', 'request', 'ann', 'request'],
        ['disposed', 'dispose', 'request', 'ann', 'request'],
      ]);
    },
  );

  test('may not make a chain without an end', async () => {
    let calls = 0;
    const onWorkError = (): void => {
      calls++;
      defer(() => Promise.reject('again'));
    };
    await settleOperation({ workErrors: 'report', onWorkError, maxChain: 5 }, () => {
      defer(() => Promise.reject('first'));
    });
    expect(calls).toBe(5);
    expect(warnings.codes).toContain('DEFERQUEUE_LISTENER_FAILED');
  });
});
