import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { use, withOperation } from 'deferqueue';
import type { RefusedMessage } from 'deferqueue';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { turn } from '../support/gate.js';
import { catchWarnings } from '../support/warnings.js';

const warnings = catchWarnings();
const invalid = expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });
const closed = expect.objectContaining({ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' });
const disposable = (log: string[], name: string): Disposable => ({
  [Symbol.dispose]: () => void log.push(name),
});

describe('G9 what comes too late', () => {
  const refused: RefusedMessage[] = [];
  const note = (message: unknown): unknown => refused.push(message as RefusedMessage);
  beforeEach(() => subscribe('deferqueue:work:refused', note));
  afterEach(() => {
    unsubscribe('deferqueue:work:refused', note);
    refused.length = 0;
  });

  test('every refused registration is a message, and the first of each operation a warning', async () => {
    const log: string[] = [];
    const first = await withOperation((operation) => operation);
    const second = await withOperation((operation) => operation);
    expect(() => first.defer(() => {}, { name: 'mail' })).toThrow(closed);
    expect(() => first.defer(function cleanUp() {})).toThrow(closed);
    expect(() => first.use(disposable(log, 'disposed'))).toThrow(closed);
    expect(() => second.defer(() => {})).toThrow(closed);
    expect(refused.map(({ operation, name }) => [operation, name])).toEqual([
      [first, 'mail'],
      [first, 'cleanUp'],
      [first, 'dispose'],
      [second, undefined],
    ]);
    expect(refused[0]?.error).toEqual(closed);
    expect(warnings.codes).toEqual(['DEFERQUEUE_WORK_REFUSED', 'DEFERQUEUE_WORK_REFUSED']);
    expect(log).toEqual(['disposed']);
  });

  test('use disposes the resource at once in the context of the caller, and a failure is a warning', async () => {
    const user = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const operation = await withOperation((it) => it);
    user.run('ann', () => {
      const resource = {
        [Symbol.dispose]: () => {
          seen.push(user.getStore());
          throw new Error('broken');
        },
      };
      expect(() => operation.use(resource)).toThrow(closed);
      expect(() =>
        operation.use({ [Symbol.asyncDispose]: () => Promise.reject(new Error('broken later')) }),
      ).toThrow(closed);
    });
    await turn();
    expect(seen).toEqual(['ann']);
    expect(warnings.codes).toEqual([
      'DEFERQUEUE_LATE_DISPOSAL',
      'DEFERQUEUE_WORK_REFUSED',
      'DEFERQUEUE_LATE_DISPOSAL',
    ]);
  });

  test('nothing is disposed with a TypeError or a NoOperationError', async () => {
    const log: string[] = [];
    expect(() => use(disposable(log, 'a'))).toThrow(
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_NO_OPERATION' }),
    );
    await withOperation(() => {
      expect(() => use(disposable(log, 'b'), { until: 'root' } as never)).toThrow(invalid);
    });
    expect(log).toEqual([]);
  });
});
