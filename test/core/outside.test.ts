import { AsyncLocalStorage } from 'node:async_hooks';
import { currentOperation, currentTask, defer, runOutside, withOperation, withTask } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate } from '../support/gate.js';
import { catchWarnings } from '../support/warnings.js';

const warnings = catchWarnings();
const invalid = expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });

describe('runOutside', () => {
  test('calls the function in no operation, and leaves every other context alone', async () => {
    const user = new AsyncLocalStorage<string>();
    const never = gate();
    let isOver = false;
    await user.run('ann', () =>
      withOperation(async (operation) => {
        const value = runOutside(() => {
          expect([currentOperation(), currentTask(), user.getStore()]).toEqual([undefined, undefined, 'ann']);
          expect(() => defer(() => {})).toThrow(
            expect.objectContaining({ code: 'ERR_DEFERQUEUE_NO_OPERATION' }),
          );
          // What is opened there is a root, for which this operation does not wait.
          void withOperation((root) => {
            expect(root.parent).toBeUndefined();
            return never.passed;
          }).then(() => (isOver = true));
          return 'value';
        });
        expect([value, currentOperation()]).toEqual(['value', operation]);
      }),
    );
    expect(isOver).toBe(false);
    never.open();
  });

  test('passes on what the function throws, and refuses what is none', () => {
    expect(() =>
      runOutside(() => {
        throw new Error('own');
      }),
    ).toThrow('own');
    expect(() => runOutside('fn' as never)).toThrow(invalid);
  });
});

describe("G3 outside: 'run'", () => {
  test('runs at once where the operation has ended, by the function and by a handle', async () => {
    const log: unknown[] = [];
    const late = gate();
    let leaked: Promise<void> | undefined;
    const operation = await withOperation('request', (current) => {
      leaked = late.passed.then(() => {
        const options = { outside: 'run', name: 'mail', data: { n: 1 }, key: 'k' } as const;
        const run = (): unknown => log.push(currentOperation()?.parent, currentOperation() === current);
        expect(defer(run, options).state).toBe('ran');
        expect(current.defer(run, options).state).toBe('ran');
        log.push(currentOperation() === current);
      });
      return current;
    });
    late.open();
    await leaked;
    expect(operation.state).toBe('closed');
    expect(log).toEqual([undefined, false, undefined, false, true]);
    expect(warnings.codes).toEqual([]);
  });

  test('is queued where the operation is open, also in one that drains', async () => {
    const log: string[] = [];
    await withOperation(() => {
      defer(() => {
        defer(() => log.push('second'), { outside: 'run' });
        log.push('first');
      });
    });
    expect(log).toEqual(['first', 'second']);
  });

  test('a task of the operation that has ended is no error', async () => {
    const { operation, task } = await withOperation((current) =>
      withTask((it) => ({ operation: current, task: it })),
    );
    expect(operation.defer(() => {}, { outside: 'run', task }).state).toBe('ran');
  });
});
