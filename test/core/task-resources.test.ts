import { currentTask, defer, settleOperation, use, withOperation, withTask } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate, turn } from '../support/gate.js';

const disposable = (log: string[], name: string): Disposable => ({
  [Symbol.dispose]: () => void log.push(name),
});

describe("G7 use with until: 'task'", () => {
  test('disposes at the end of the task, after its work, the last acquired first', async () => {
    const log: string[] = [];
    await withOperation(async () => {
      use(disposable(log, 'of the operation'));
      await withTask('one', async () => {
        use(disposable(log, 'first'), { until: 'task' });
        use(
          {
            async [Symbol.asyncDispose]() {
              await turn();
              log.push(`second in ${currentTask()?.name}`);
              defer(() => log.push('deferred by the second'), { until: 'task' });
            },
          },
          { until: 'task' },
        );
        use(disposable(log, 'until the operation'), { until: 'operation' });
        defer(() => log.push('work of the task'), { until: 'task' });
        log.push('function');
      });
      log.push('after the task');
    });
    expect(log).toEqual([
      'function',
      'work of the task',
      'second in one',
      'deferred by the second',
      'first',
      'after the task',
      'until the operation',
      'of the operation',
    ]);
  });

  test('a failing disposer is a failure of the operation and stops nothing', async () => {
    const log: string[] = [];
    const { outcome, report } = await settleOperation(
      { onWorkError: (error) => log.push(String(error)) },
      () =>
        withTask(() => {
          use(disposable(log, 'first'), { until: 'task' });
          use(
            {
              [Symbol.dispose]() {
                throw new Error('broken');
              },
            },
            { until: 'task' },
          );
        }),
    );
    expect(log).toEqual(['Error: broken', 'first']);
    expect([outcome.status, report.registered]).toEqual(['fulfilled', 0]);
  });

  test('outside a task it is NoTaskError, and nothing is disposed; after its end the resource is', async () => {
    const log: string[] = [];
    const noTask = expect.objectContaining({ code: 'ERR_DEFERQUEUE_NO_TASK' });
    await withOperation(async (operation) => {
      expect(() => use(disposable(log, 'a'), { until: 'task' })).toThrow(noTask);
      await withTask(() => {
        expect(() => operation.use(disposable(log, 'b'), { until: 'task' })).toThrow(noTask);
      });
      const late = gate();
      let leaked: Promise<void> | undefined;
      await withTask(() => {
        leaked = late.passed.then(() => {
          expect(() => use(disposable(log, 'late'), { until: 'task' })).toThrow(noTask);
        });
      });
      late.open();
      await leaked;
    });
    expect(log).toEqual(['late']);
  });

  test('they are disposed even if the operation is terminated while the task runs', async () => {
    const log: string[] = [];
    const stuck = settleOperation({ drainTimeout: 5 }, () => {
      defer(() =>
        withTask(async () => {
          use(disposable(log, 'of the task'), { until: 'task' });
          await new Promise(() => {});
        }),
      );
    });
    expect((await stuck).report.counts['timed-out']).toBe(1);
    expect(log).toEqual(['of the task']);
  });
});
