import {
  currentOperation,
  currentTask,
  defer,
  DeferredWorkError,
  DrainInProgressError,
  flush,
  openOperation,
  OperationClosedError,
  withOperation,
  withTask,
} from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';
import { gate, settleMicrotasks, turn } from '../support/gate.js';

describe('open operations', () => {
  test('close() from elsewhere waits for a run that is just being called', async () => {
    const log: string[] = [];
    const pending = gate();
    const open = openOperation('open');
    let closing: Promise<unknown> | undefined;
    await withOperation('other', async (other) => {
      other.defer(() => {
        closing = open.close().then(() => log.push('closed'));
      });
      const running = open.run(async () => {
        // Runs the work, in which the open operation is not current.
        const flushed = other.flush();
        expect(closing).toBeDefined();
        await flushed;
        await pending.passed;
        open.defer(() => void log.push('in time'));
      });
      await settleMicrotasks();
      expect(open.state).toBe('open');
      pending.open();
      await running;
    });
    await closing;
    expect(log).toEqual(['in time', 'closed']);
  });

  test('are current only inside run and bind', async () => {
    const operation = openOperation('request');
    expect(currentOperation()).toBeUndefined();
    const ran: string[] = [];
    operation.run(() => {
      expect(currentOperation()?.id).toBe(operation.id);
      defer(() => ran.push('run'));
    });
    operation.bind((what: string) => defer(() => ran.push(what)))('bind');
    operation.defer(() => ran.push('method'));
    operation.use({ [Symbol.dispose]: () => void ran.push('resource') });
    expect(currentOperation()).toBeUndefined();
    expect([operation.state, operation.pending]).toEqual(['open', 3]);
    const report = await operation.close();
    expect(ran).toEqual(['run', 'bind', 'method', 'resource']);
    expect(report).toMatchObject({ name: 'request', outcome: 'success', counts: { ran: 3 } });
    expect(operation.state).toBe('closed');
  });

  test('only who opened one can close it', async () => {
    const operation = openOperation();
    operation.run(() => {
      for (const name of ['close', 'fail', Symbol.asyncDispose])
        expect(name in currentOperation()!).toBe(false);
    });
    operation.defer((work) => expect('close' in work.operation).toBe(false));
    await operation.close();
  });

  test('run returns what its function returns, and a throw goes to the caller without failing the operation', async () => {
    const operation = openOperation();
    const error = new Error('mine');
    expect(operation.run(() => 42)).toBe(42);
    expect(await operation.run(async () => 'async')).toBe('async');
    expect(() =>
      operation.run(() => {
        throw error;
      }),
    ).toThrow(error);
    await expect(operation.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(await operation.close()).toMatchObject({ outcome: 'success' });
  });

  test('close waits for runs, tasks and nested operations that are still pending', async () => {
    const [run, task, nested] = [gate(), gate(), gate()];
    const ran: string[] = [];
    const operation = openOperation();
    void operation.run(async () => {
      await run.passed;
      defer(() => ran.push('work'));
    });
    operation.run(() => void withTask('task', () => task.passed));
    void operation.bind(() => withOperation(() => nested.passed))();
    const closed = operation.close();
    for (const open of [nested, task]) {
      open.open();
      await settleMicrotasks();
      expect(operation.state).toBe('open');
    }
    run.open();
    await closed;
    expect(ran).toEqual(['work']);
  });

  test('a rejection of a run that nobody handles is not handled by the operation', async () => {
    const unhandled: unknown[] = [];
    const own = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    const error = new Error('floating');
    const operation = openOperation();
    void operation.bind(() => Promise.reject(error))();
    await turn();
    process.removeAllListeners('unhandledRejection');
    for (const listener of own) process.on('unhandledRejection', listener);
    expect(unhandled).toEqual([error]);
    await operation.close();
  });

  test('with nothing pending, close has started the first works at once', async () => {
    const ran: string[] = [];
    const operation = openOperation();
    operation.defer(() => ran.push('first'));
    operation.defer(async () => ran.push('second'));
    const closed = operation.close();
    await Promise.resolve();
    expect(ran).toEqual(['first', 'second']);
    await closed;
  });

  test('a second close returns the same promise', async () => {
    const operation = openOperation();
    const closed = operation.close();
    expect(operation.close()).toBe(closed);
    await closed;
    expect(operation.close()).toBe(closed);
  });

  test('close rejects as withOperation would when works failed', async () => {
    const operation = openOperation();
    const error = new Error('work');
    operation.defer(() => Promise.reject(error));
    await expect(operation.close()).rejects.toMatchObject({
      name: 'DeferredWorkError',
      errors: [error],
      value: undefined,
    });
    expect(DeferredWorkError.code).toBe('ERR_DEFERQUEUE_DEFERRED_WORK');
  });

  test('fail makes the outcome a failure, aborts the signal, and close resolves with the report', async () => {
    const ran: string[] = [];
    const reason = new Error('failed');
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const operation = openOperation('request');
    operation.defer((work) => ran.push(`failure ${work.outcome?.status}`), { on: 'failure' });
    operation.defer(() => ran.push('success'), { on: 'success' });
    operation.defer(() => Promise.reject(new Error('work')));
    operation.fail(reason);
    operation.fail(new Error('second'));
    expect(operation.signal.reason).toBe(reason);
    const report = await operation.close();
    expect(ran).toEqual(['failure rejected']);
    expect(report).toMatchObject({ outcome: 'failure', counts: { ran: 1, skipped: 1, failed: 1 } });
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  test('fail counts until the boundary, and is refused after it', async () => {
    const run = gate();
    const operation = openOperation();
    void operation.run(() => run.passed);
    const closed = operation.close();
    operation.fail('late, but in time');
    run.open();
    expect((await closed).outcome).toBe('failure');

    const other = openOperation();
    await other.close();
    expect(() => other.fail('too late')).toThrow(OperationClosedError);
  });

  test('close from one of its works rejects, in the drain and in a flush, also from a task or operation inside', async () => {
    const results: unknown[] = [];
    const operation = openOperation();
    const tryClose = (): Promise<void> =>
      operation.close().then(
        () => void results.push('closed'),
        (error: unknown) => void results.push(error),
      );
    operation.defer(tryClose);
    await operation.flush();
    operation.defer(tryClose);
    operation.defer(() => operation.run(() => withTask('task', tryClose)));
    operation.defer(() => withOperation(tryClose));
    operation.defer(() => {}, { on: 'failure', discard: tryClose });
    await operation.close();
    expect(results).toEqual(Array<unknown>(5).fill(expect.any(DrainInProgressError)));
  });

  test('a run that closes the operation itself is not waited for', async () => {
    const operation = openOperation();
    const ran: string[] = [];
    await operation.run(async () => {
      defer(() => ran.push('work'));
      await Promise.resolve();
      await operation.close();
      ran.push('closed');
    });
    expect(ran).toEqual(['work', 'closed']);
    const other = openOperation();
    await other.run(() => other.close());
    expect(other.state).toBe('closed');
  });

  test('an enclosing operation waits for close', async () => {
    const ran: string[] = [];
    let inner: ReturnType<typeof openOperation> | undefined;
    const outer = withOperation('outer', (operation) => {
      inner = openOperation('inner');
      expect(inner.parent).toBe(operation);
      expect(inner.root).toBe(operation);
      inner.defer(() => ran.push('promoted'), { until: 'root' });
      defer(() => ran.push('outer'));
    });
    await settleMicrotasks();
    expect(ran).toEqual([]);
    await inner?.close();
    await outer;
    expect(ran).toEqual(['outer', 'promoted']);
  });

  test('can be disposed asynchronously', async () => {
    const ran: string[] = [];
    {
      await using operation = openOperation();
      operation.run(() => defer(() => ran.push('work')));
    }
    expect(ran).toEqual(['work']);
  });

  test('tasks, flush and currentTask work inside run', async () => {
    const operation = openOperation();
    const ran: string[] = [];
    await operation.run(async () => {
      await withTask('task', async () => {
        defer(() => ran.push(`flushed as ${currentTask()?.name}`));
        expect(await flush()).toBe(1);
        defer(() => ran.push(`drained as ${currentTask()?.name}`));
      });
      expect(currentTask()).toBeUndefined();
    });
    await operation.close();
    expect(ran).toEqual(['flushed as task', 'drained as task']);
  });

  test('late runs still find the operation, which takes nothing any more', async () => {
    const operation = openOperation('request');
    const late = operation.bind(() => defer(() => {}));
    await operation.close();
    expect(late).toThrow(OperationClosedError);
    expect(operation.run(() => currentOperation()?.name)).toBe('request');
  });

  test('close called again while the first call is still on the stack has one boundary', async () => {
    const ran: string[] = [];
    const inner: unknown[] = [];
    await withOperation('outer', async () => {
      const operation = openOperation({
        workErrors: 'report',
        onWorkError: () => void inner.push(operation.close()),
      });
      void withTask('slow', async () => {
        await turn();
        defer(() => ran.push('task'));
      });
      operation.defer(() => {
        throw new Error('work');
      });
      operation.defer(() => ran.push('second'));
      const closed = operation.close();
      expect(inner).toEqual([closed]);
      expect(await closed).toMatchObject({ registered: 2, counts: { ran: 1, failed: 1 } });
    });
    expect(ran).toEqual(['second', 'task']);
  });

  test('code inside defer that closes the operation gets an error, and loses no work', async () => {
    const ran: string[] = [];
    const byGetter = openOperation();
    const data = {
      get id(): number {
        void byGetter.close();
        return 1;
      },
    };
    expect(() => byGetter.defer(() => ran.push('getter'), { data })).toThrow(OperationClosedError);

    const byMerge = openOperation();
    byMerge.defer(() => ran.push('earlier'), { key: 'k' });
    expect(() =>
      byMerge.defer(() => ran.push('later'), {
        key: 'k',
        coalesce: () => {
          void byMerge.close();
          return undefined;
        },
      }),
    ).toThrow(OperationClosedError);
    expect(ran).toEqual(['earlier']);
    expect((await byMerge.close()).registered).toBe(1);
  });

  test('a run inside a work, or inside a run, does not hide where close is called', async () => {
    const results: unknown[] = [];
    const operation = openOperation();
    operation.defer(async () => {
      await turn();
      await operation.run(() => operation.close()).catch((error: unknown) => results.push(error));
    });
    await operation.close();
    expect(results).toEqual([expect.any(DrainInProgressError)]);

    const other = openOperation();
    const handler = other.bind(async () => {
      await turn();
      await other.close();
    });
    await other.run(async () => {
      await turn();
      await handler();
    });
    expect(other.state).toBe('closed');
  });

  test('run and bind refuse what is no function, and the handle is its own root', () => {
    const operation = openOperation();
    expect(operation.root).toBe(operation);
    expect(() => operation.run(42 as never)).toThrow(TypeError);
    expect(() => operation.bind(42 as never)).toThrow(
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }),
    );
  });
});
