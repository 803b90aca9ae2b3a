import { AsyncLocalStorage } from 'node:async_hooks';
import {
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  DeferredWorkError,
  flush,
  settleOperation,
  ShuttingDownError,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { OperationReport } from 'deferqueue';
import PQueue from 'p-queue';
import { describe, expect, test, vi } from 'vitest';
import type { OperationOptions, Runtime } from '../../src/index.js';
import { captureOperation } from '../../src/testing/index.js';
import type { CapturedOperation } from '../../src/testing/index.js';

const withoutTimes = ({ works, ...report }: OperationReport): object => ({
  ...report,
  id: 0,
  works: works?.map(({ waited: _waited, took: _took, ...row }) => row),
});

/** The types of the built package and of its sources differ for the compiler. */
const otherRuntime = (): Runtime => createRuntime() as unknown as Runtime;

const names = (works: readonly { readonly name: string | undefined }[]): (string | undefined)[] =>
  works.map(({ name }) => name);

describe('captureOperation', () => {
  test('does not count work that can no longer run as deferred', async () => {
    await using captured = await captureOperation(async () => {
      defer(() => {}, { name: 'before' });
      for (const nesting of ['nested', 'savepoint'] as const) {
        await withOperation({ nesting }, () => {
          defer(() => {}, { name: 'rolled back', on: 'success', until: 'root' });
          defer(() => {}, { name: 'undone', on: 'failure', until: 'root' });
          throw new Error('no');
        }).catch(() => undefined);
      }
      defer(() => {}, { name: 'cancelled' }).cancel();
      defer(() => {}, { name: 'for a failure', on: 'failure' });
      defer(() => {}, { name: 'mail', on: 'success' });
    });
    const named = ['before', 'rolled back', 'undone', 'cancelled', 'for a failure', 'mail'];
    const deferred = (): string[] => named.filter((name) => captured.hasDeferred(name));
    expect(deferred()).toEqual(['before', 'undone', 'mail']);
    await captured.run();
    expect(deferred()).toEqual(['before', 'undone', 'mail']);
  });

  test('gives the result and the works, and runs none of them', async () => {
    const ran: string[] = [];
    await using captured = await captureOperation(async () => {
      defer(() => ran.push('index'), { name: 'index', data: { id: 1 } });
      await withTask('files', () => {
        defer(() => ran.push('times'), { name: 'times' });
      });
      return 7;
    });
    expect(captured.value).toBe(7);
    expect(captured.outcome).toEqual({ status: 'fulfilled', value: 7 });
    expect(captured.works.map(({ name, data, state, task }) => [name, data, state, task?.name])).toEqual([
      ['index', { id: 1 }, 'queued', undefined],
      ['times', undefined, 'queued', 'files'],
    ]);
    expect(captured.operation.state).toBe('draining');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ran).toEqual([]);
  });

  test('runs all of them in the order and the context of the library', async () => {
    const request = new AsyncLocalStorage<string>();
    const ran: unknown[] = [];
    const captured = await captureOperation(
      async () => {
        request.run('ann', () => defer(() => ran.push(['own', request.getStore(), currentTask()])));
        await withTask('task', () => {
          request.run('bob', () => defer(() => ran.push(['task', request.getStore(), currentTask()?.name])));
        });
        defer(() => ran.push(['last', request.getStore(), currentOperation()?.name]));
      },
      { name: 'checkout' },
    );
    const report = await captured.run();
    expect(ran).toEqual([
      ['task', 'bob', 'task'],
      ['own', 'ann', undefined],
      ['last', undefined, 'checkout'],
    ]);
    expect(report).toMatchObject({ name: 'checkout', outcome: 'success', registered: 3, counts: { ran: 3 } });
    expect(report.works).toHaveLength(3);
    expect(captured.pending).toEqual([]);
    expect(captured.operation.state).toBe('closed');
  });

  test('runs them one by one, those that works add too, and says when there is none', async () => {
    const ran: string[] = [];
    const captured = await captureOperation(() => {
      defer(
        () => {
          ran.push('a');
          defer(() => ran.push('c'), { name: 'c' });
        },
        { name: 'a' },
      );
      defer(
        async () => {
          await Promise.resolve();
          ran.push('b');
        },
        { name: 'b' },
      );
    });
    expect(await captured.runNext()).toMatchObject({ name: 'a', state: 'ran' });
    expect(ran).toEqual(['a']);
    expect(names(captured.pending)).toEqual(['b', 'c']);
    expect(await captured.runNext()).toMatchObject({ name: 'b', state: 'ran' });
    expect(ran).toEqual(['a', 'b']);
    expect(await captured.runNext()).toMatchObject({ name: 'c' });
    expect(await captured.runNext()).toBeUndefined();
    expect(captured.operation.state).toBe('closed');
    expect(await captured.runNext()).toBeUndefined();
    expect((await captured.run()).counts.ran).toBe(3);
  });

  test('goes on with the rest after steps, as many at once as the operation says', async () => {
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
    };
    const captured = await captureOperation(() => void Array.from({ length: 7 }, () => defer(work)), {
      concurrency: 3,
    });
    await captured.runNext();
    expect(most).toBe(1);
    await captured.run();
    expect(most).toBe(3);
  });

  test.each([1, Infinity, new PQueue({ concurrency: 2 })])(
    'takes the concurrency %s',
    async (concurrency) => {
      const captured = await captureOperation(() => void [1, 2, 3].map((n) => defer(() => n)), {
        concurrency,
      });
      expect(await captured.runNext()).toMatchObject({ state: 'ran' });
      expect(captured.pending).toHaveLength(2);
      expect((await captured.run()).counts.ran).toBe(3);
    },
  );

  test('obeys the order of the operation', async () => {
    const captured = await captureOperation(
      () => void ['a', 'b'].map((name) => defer(() => name, { name })),
      {
        order: 'lifo',
      },
    );
    expect(await captured.runNext()).toMatchObject({ name: 'b' });
    await captured.run();
  });

  test('a function that rejects does not make it reject, and works see its reason', async () => {
    const reason = new Error('no stock');
    const seen: unknown[] = [];
    const captured = await captureOperation(() => {
      defer(() => seen.push('success'), { name: 'receipt', on: 'success' });
      defer((work) => seen.push(work.outcome), { name: 'apology', on: 'failure' });
      throw reason;
    });
    expect(captured.outcome).toEqual({ status: 'rejected', reason });
    expect(() => captured.value).toThrow(reason);
    const report = await captured.run();
    expect(report).toMatchObject({ outcome: 'failure', counts: { ran: 1, skipped: 1 } });
    expect(seen).toEqual([{ status: 'rejected', reason }]);
  });

  test('a forced failure is one for the works and the signal, and not for what fn gave', async () => {
    const captured = await captureOperation(
      () => {
        defer(() => undefined, { name: 'receipt', on: 'success' });
        defer(() => undefined, { name: 'apology', on: 'failure' });
        return 1;
      },
      { outcome: 'failure' },
    );
    expect(captured.value).toBe(1);
    expect(captured.operation.signal.aborted).toBe(true);
    const { works } = await captured.run();
    expect(works?.map(({ name, state }) => [name, state])).toEqual([
      ['receipt', 'skipped'],
      ['apology', 'ran'],
    ]);
  });

  test('a forced success is one in spite of a function that rejected', async () => {
    const captured = await captureOperation(
      async () => {
        defer(() => undefined, { on: 'success' });
        await Promise.reject(new Error('no'));
      },
      { outcome: 'success' },
    );
    expect(captured.outcome.status).toBe('rejected');
    expect(await captured.run()).toMatchObject({ outcome: 'success', counts: { ran: 1 } });
  });

  test('works see what fn returned, and so does who hears of their failures', async () => {
    const seen: unknown[] = [];
    const error = new Error('down');
    const captured = await captureOperation(() => {
      defer((work) => seen.push(work.outcome));
      defer(() => Promise.reject(error));
      return 7;
    });
    const failed = await captured.run().catch((reason: unknown) => reason);
    expect(seen).toEqual([{ status: 'fulfilled', value: 7 }]);
    expect(failed).toMatchObject({ value: 7, errors: [error], report: { counts: { ran: 1, failed: 1 } } });
  });

  test('failures of works do not hide in that of fn', async () => {
    const heard: unknown[] = [];
    const captured = await captureOperation(
      () => {
        defer(() => Promise.reject(new Error('down')));
        throw new Error('no stock');
      },
      { onWorkError: (error) => heard.push(error) },
    );
    expect(await captured.run()).toMatchObject({ outcome: 'failure', counts: { failed: 1 } });
    expect(heard).toEqual([new Error('down')]);
  });

  test('steps that are asked for together come one after the other', async () => {
    const captured = await captureOperation(
      () => void ['a', 'b'].map((name) => defer(() => undefined, { name })),
      { concurrency: 3 },
    );
    const steps = await Promise.all([captured.runNext(), captured.runNext(), captured.runNext()]);
    expect(steps.map((report) => report?.name)).toEqual(['a', 'b', undefined]);
  });

  test('a step goes first where all the rest is asked for at once', async () => {
    const captured = await captureOperation(
      () => void ['a', 'b'].map((name) => defer(() => undefined, { name })),
    );
    const [step, { counts }] = await Promise.all([captured.runNext(), captured.run()]);
    expect([step?.name, counts.ran]).toEqual(['a', 2]);
  });

  test('the k-th work fails in its turn, without its function, and the rest runs', async () => {
    const ran: string[] = [];
    const captured = await captureOperation(() => {
      for (const name of ['a', 'b', 'c', 'd']) defer(() => ran.push(name), { name });
    });
    const error = new Error('mail server is down');
    captured.fail(1, error);
    captured.fail('c');
    const failed = await captured.run().catch((reason: unknown) => reason);
    expect(failed).toBeInstanceOf(DeferredWorkError);
    expect((failed as DeferredWorkError).errors).toEqual([
      error,
      new Error('The test makes this work item fail'),
    ]);
    expect(ran).toEqual(['a', 'd']);
    expect(captured.works.map(({ state }) => state)).toEqual(['ran', 'failed', 'failed', 'ran']);
  });

  test('a step tells of a failure and does not reject', async () => {
    const captured = await captureOperation(() => void defer(() => undefined, { name: 'mail' }), {
      workErrors: 'report',
      onWorkError: () => undefined,
    });
    const error = new Error('down');
    captured.fail('mail', error);
    expect(await captured.runNext()).toMatchObject({ name: 'mail', state: 'failed', reason: error });
    expect((await captured.run()).counts.failed).toBe(1);
  });

  test('a name means the first work of it that is queued and not to fail already', async () => {
    const captured = await captureOperation(
      () => void ['mail', 'mail', 'mail', 'mail'].map((name) => defer(() => undefined, { name })),
      { workErrors: 'report', onWorkError: () => undefined },
    );
    await captured.runNext();
    captured.fail('mail');
    captured.fail('mail');
    const { works } = await captured.run();
    expect(works?.map(({ state }) => state)).toEqual(['ran', 'failed', 'failed', 'ran']);
  });

  test('fail names what there is where there is no such work', async () => {
    await using captured = await captureOperation(() => void defer(() => undefined, { name: 'mail' }));
    expect(() => captured.fail('index')).toThrow(/No work item index is queued. Captured: 0 mail \(queued\)/);
    expect(() => captured.fail(1)).toThrow(
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }),
    );
  });

  test('works that are flushed, or end with a task, run where they would, and count as deferred', async () => {
    const ran: string[] = [];
    await using captured = await captureOperation(async () => {
      defer(() => ran.push('flushed'), { name: 'flushed', data: 1 });
      await flush();
      await withTask('task', () => void defer(() => ran.push('task'), { name: 'task', until: 'task' }));
      defer(() => ran.push('later'), { name: 'later' });
    });
    expect(ran).toEqual(['flushed', 'task']);
    expect(captured.works.map(({ name, state }) => [name, state])).toEqual([
      ['flushed', 'ran'],
      ['task', 'ran'],
      ['later', 'queued'],
    ]);
    expect(captured.hasDeferred('flushed', 1)).toBe(true);
  });

  test('twins and cancelled works are not there, and data is that of the one that is', async () => {
    await using captured = await captureOperation(() => {
      const cart = (item: string): unknown =>
        defer(() => undefined, {
          name: 'cart',
          key: 'cart',
          data: [item],
          coalesce: (earlier, later) => [...earlier, ...later],
        });
      cart('a');
      cart('b');
      defer(() => undefined, { name: 'gone' }).cancel();
    });
    expect(captured.works.map(({ name, data }) => [name, data])).toEqual([['cart', ['a', 'b']]]);
    expect(captured.hasDeferred('gone')).toBe(false);
  });

  test('hasDeferred compares names and data, deeply and strictly', async () => {
    const captured = await captureOperation(() => {
      defer(() => undefined, { name: 'mail', data: { to: 'ann', at: [1] } });
    });
    for (const when of ['before', 'after']) {
      expect([when, captured.hasDeferred('mail')]).toEqual([when, true]);
      expect(captured.hasDeferred('mail', { to: 'ann', at: [1] })).toBe(true);
      expect(captured.hasDeferred('mail', { to: 'ann', at: ['1'] })).toBe(false);
      expect(captured.hasDeferred('mail', 'x', () => true)).toBe(true);
      expect(captured.hasDeferred('index')).toBe(false);
      await captured.run();
    }
  });

  test('nested operations run at their own boundaries, and what they pass to the root is captured', async () => {
    const ran: string[] = [];
    const captured = await captureOperation(() =>
      withOperation('inner', () => {
        defer(() => ran.push('inner'), { name: 'inner' });
        defer(() => ran.push('audit'), { name: 'audit', until: 'root' });
      }),
    );
    expect(ran).toEqual(['inner']);
    expect(names(captured.works)).toEqual(['audit']);
    expect(captured.nestedWorks).toBe(1);
    expect(await captured.runNext()).toMatchObject({ name: 'audit', state: 'ran' });
    await captured.run();
    expect(ran).toEqual(['inner', 'audit']);
  });

  test('resources are disposed after the works, and not before', async () => {
    const done: string[] = [];
    const captured = await captureOperation(() => {
      use({ [Symbol.dispose]: () => void done.push('dispose') });
      defer(() => done.push('work'));
    });
    expect(done).toEqual([]);
    await captured.runNext();
    await captured.run();
    expect(done).toEqual(['work', 'dispose']);
  });

  test('what is left is discarded, each work told once, and nothing hangs', async () => {
    const told: unknown[] = [];
    const captured = await captureOperation(() => {
      defer(() => told.push('ran'), { discard: (reason) => told.push(reason) });
      defer(() => told.push('ran'));
    });
    await captured.discard();
    await captured[Symbol.asyncDispose]();
    expect(told).toEqual(['cancelled']);
    expect(captured.operation.state).toBe('closed');
  });

  test.each(['runNext', 'run', 'discard'] as const)(
    '%s is refused where it would wait for itself',
    async (method) => {
      const seen: unknown[] = [];
      const note = (reason: unknown): void => void seen.push(reason);
      const captured: CapturedOperation = await captureOperation(() => {
        defer(() => captured[method]().then(note, note), { name: 'direct' });
        defer(async () => {
          await using other = await captureOperation(() => {
            defer(() => captured[method]().then(note, note));
          });
          await other.run();
        });
        defer(() => void setTimeout(() => void captured[method]().then(note, note), 1), {
          name: 'not awaited',
        });
      });
      const { counts } = await captured.run();
      expect(counts).toMatchObject({ ran: 3 });
      await vi.waitUntil(() => seen.length === 3);
      const refused = expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
        message: `${method}() was called from a work item of the captured operation, and would wait for itself. Call it in the test`,
      }) as unknown;
      expect(seen.slice(0, 2)).toEqual([refused, refused]);
      expect(seen[2]).not.toBeInstanceOf(Error);
    },
  );

  test('with nothing deferred the operation has ended', async () => {
    const captured = await captureOperation(() => 'x');
    expect(await captured.runNext()).toBeUndefined();
    expect(captured.works).toEqual([]);
    expect(await captured.run()).toMatchObject({ registered: 0 });
  });

  test('captures side by side do not disturb each other, and not what runs beside', async () => {
    const ran: string[] = [];
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) => captureOperation(() => void defer(() => ran.push(name), { name }))),
    );
    await withOperation(() => void defer(() => ran.push('beside'), { name: 'one' }));
    expect(ran).toEqual(['beside']);
    one?.fail('one');
    await two?.run();
    await expect(one?.run()).rejects.toBeInstanceOf(DeferredWorkError);
    expect(ran).toEqual(['beside', 'two']);
  });

  test('is a root of its own inside another operation', async () => {
    await withOperation('outer', async (outer) => {
      const captured = await captureOperation(() => currentOperation()?.parent);
      expect(captured.value).toBeUndefined();
      expect(captured.operation).not.toBe(outer);
    });
  });

  test('nested in another operation, it counts only what is nested in itself', async () => {
    let counted: number | undefined;
    await withOperation('outer', async () => {
      const captured = await captureOperation(
        async () => {
          defer(() => undefined);
          await withOperation('inner', () => void defer(() => undefined));
        },
        { nesting: 'nested' },
      );
      defer(() => undefined);
      await withOperation('beside', () => void defer(() => undefined));
      counted = captured.nestedWorks;
      await captured.run();
    });
    expect(counted).toBe(1);
  });

  test('captures works of another runtime', async () => {
    const runtime = otherRuntime();
    const captured = await captureOperation(() => void runtime.defer(() => undefined, { name: 'mail' }), {
      runtime,
    });
    expect(names(captured.works)).toEqual(['mail']);
    await captured.run();
  });

  test('rejects where no operation can be opened', async () => {
    const runtime = otherRuntime();
    await runtime.shutdown();
    await expect(captureOperation(() => 1, { runtime })).rejects.toBeInstanceOf(ShuttingDownError);
  });

  test.each([
    [undefined, {}, /fn/],
    [(): void => undefined, { outcome: 'maybe' }, /options\.outcome/],
    [(): void => undefined, { concurrency: 0 }, /concurrency/],
    [(): void => undefined, { concurrency: '2' }, /concurrency/],
    [(): void => undefined, { concurency: 2 }, /concurency/],
    [(): void => undefined, { nesting: 'join' }, /join/],
    [(): void => undefined, null, /options/],
  ])('rejects bad arguments %#', async (fn, options, message) => {
    await expect(captureOperation(fn as never, options as never)).rejects.toMatchObject({
      code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('the captured works run as without the capture', () => {
  type Log = (what: unknown) => void;
  const turn = (): Promise<void> => Promise.resolve();
  const programs: Record<string, [body: (log: Log) => unknown, options?: OperationOptions]> = {
    'in the order of tasks and their own': [
      async (log) => {
        defer(() => log('own'));
        const add = (name: string) =>
          withTask(name, async () => {
            defer(() => log([name, 'end', currentTask()?.name]), { until: 'task' });
            await turn();
            defer(async () => {
              await turn();
              log([name, currentTask()?.name]);
              defer(() => log([name, 'added']));
              defer(() => log('added to the operation'), { task: null });
            });
          });
        await Promise.all(['a', 'b'].map(add));
        use({ [Symbol.dispose]: () => log('disposed') });
      },
    ],
    'last in, first out': [
      (log) => {
        defer(() => log(1));
        defer(() => {
          log(2);
          defer(() => log(3));
        });
      },
      { order: 'lifo' },
    ],
    'with keys, conditions and cancelled ones': [
      (log) => {
        for (const data of [1, 2]) defer((work) => log(work.data), { key: 'k', data });
        for (const on of ['success', 'failure'] as const) {
          defer((work) => log([on, work.outcome]), { on, discard: (reason) => log([on, reason]) });
        }
        defer(() => log('never'), { discard: (reason) => log(reason) }).cancel();
        return 'value';
      },
    ],
    'where the function fails, and a nested one': [
      async (log) => {
        await withOperation('nested', () => {
          defer((work) => log(['root', work.outcome?.status]), { until: 'root', on: 'failure' });
          throw new Error('nested');
        }).catch(() => undefined);
        defer(() => Promise.reject(new Error('work')));
        throw new Error('no');
      },
      { onWorkError: () => undefined },
    ],
    'several at once': [
      (log) => {
        for (const turns of [3, 1, 2]) {
          defer(async () => {
            log(['start', turns]);
            for (let n = 0; n < turns; n++) await new Promise(setImmediate);
            log(['end', turns]);
          });
        }
      },
      { concurrency: 2 },
    ],
  };

  test.each(Object.entries(programs))('%s', async (_title, [body, options = {}]) => {
    const plain: unknown[] = [];
    const { report } = await settleOperation({ ...options, report: 'full' } as object, () =>
      body((what) => plain.push(what)),
    );
    const seen: unknown[] = [];
    const captured = await captureOperation(() => body((what) => seen.push(what)), options);
    expect(withoutTimes(await captured.run())).toEqual(withoutTimes(report));
    expect(seen).toEqual(plain);
    expect(seen.length).toBeGreaterThan(0);
  });
});
