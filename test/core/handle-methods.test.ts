import { currentOperation, defer, openOperation, withOperation, withTask } from 'deferqueue';
import type { Operation } from 'deferqueue';
import { describe, expect, test } from 'vitest';

const invalid = expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });

describe('handles', () => {
  test('toJSON gives their public fields and no more', async () => {
    await withOperation('outer', async (outer) => {
      const open = openOperation('inner');
      expect(JSON.parse(JSON.stringify(open))).toEqual({
        id: open.id,
        name: 'inner',
        parent: { id: outer.id, name: 'outer' },
        root: { id: outer.id, name: 'outer' },
        state: 'open',
        signal: { aborted: false },
        pending: 0,
      });
      open.fail(new Error('no'));
      expect(JSON.parse(JSON.stringify(open))).toMatchObject({ signal: { aborted: true } });
      await open.close();
      await withTask('task', (task) => {
        expect(JSON.parse(JSON.stringify(task))).toEqual({
          id: task.id,
          name: 'task',
          operation: { id: outer.id, name: 'outer' },
          state: 'open',
          signal: { aborted: false },
        });
        const deferred = defer(
          (work) => expect(JSON.parse(JSON.stringify(work))).toMatchObject({ state: 'running' }),
          {
            name: 'mail',
            data: { to: 'ann' },
          },
        );
        expect(JSON.parse(JSON.stringify(deferred))).toEqual({
          name: 'mail',
          state: 'queued',
          data: { to: 'ann' },
          signal: { aborted: false },
          operation: { id: outer.id, name: 'outer' },
          task: { id: task.id, name: 'task' },
        });
      });
    });
  });

  test('a method that is called without its handle is a TypeError that says so', async () => {
    /** The method by itself, as destructuring gives it. */
    const alone = <Handle extends object, Name extends keyof Handle>(
      handle: Handle,
      name: Name,
    ): Handle[Name] => handle[name];
    const open = openOperation();
    const check = async (operation: Operation): Promise<void> => {
      const [run, bind, later] = [
        alone(operation, 'run'),
        alone(operation, 'bind'),
        alone(operation, 'defer'),
      ];
      const [keep, now] = [alone(operation, 'use'), alone(operation, 'flush')];
      for (const call of [() => run(() => 1), () => bind(() => 1), () => later(() => {}), () => keep(null)]) {
        expect(call).toThrow(/was called without its operation\. Call it as operation\./);
        expect(call).toThrow(invalid);
      }
      await expect(now()).rejects.toEqual(invalid);
    };
    await check(open);
    await withOperation(check);
    const [close, fail] = [alone(open, 'close'), alone(open, 'fail')];
    await expect(close()).rejects.toEqual(invalid);
    expect(() => fail(new Error('no'))).toThrow(invalid);
    const cancel = alone(
      open.defer(() => {}),
      'cancel',
    );
    expect(() => cancel()).toThrow(/without its deferred/);
    await open.close();
  });

  test('bind keeps the name and the length of the function, and this', async () => {
    await withOperation((operation) => {
      const bound = operation.bind(function handle(
        this: unknown,
        error: unknown,
        _request: unknown,
        _next: unknown,
      ) {
        return [this, error, currentOperation()];
      });
      expect([bound.name, bound.length]).toEqual(['handle', 3]);
      const self = {};
      expect(bound.call(self, 1, 2, 3)).toEqual([self, 1, operation]);
    });
  });
});
