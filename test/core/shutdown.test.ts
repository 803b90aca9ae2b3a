import { AsyncLocalStorage } from 'node:async_hooks';
import { createRuntime, ShuttingDownError } from 'deferqueue';
import type { OpenOperation, Operation, Runtime } from 'deferqueue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gate } from '../support/gate.js';

const { setImmediate: realImmediate } = globalThis;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => {});

const rest = async (): Promise<void> => {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => realImmediate(resolve));
};

const pass = async (milliseconds: number): Promise<void> => {
  await rest();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await rest();
};

const shuttingDown = expect.objectContaining({ code: 'ERR_DEFERQUEUE_SHUTTING_DOWN' }) as unknown;

/** A runtime of its own for each test: one that was shut down stays so. */
let runtime: Runtime;
beforeEach(() => void (runtime = createRuntime()));

describe('G23a shutdown', () => {
  test('with nothing alive it is done at once', async () => {
    const report = await runtime.shutdown();
    expect(report).toEqual({ ended: 0, stuck: [] });
    expect(Object.isFrozen(report) && Object.isFrozen(report.stuck)).toBe(true);
  });

  test('makes opening an operation throw', async () => {
    const body = vi.fn();
    void runtime.shutdown();
    await expect(runtime.withOperation(body)).rejects.toThrow(ShuttingDownError);
    await expect(runtime.withOperation('name', body)).rejects.toEqual(shuttingDown);
    await expect(runtime.settleOperation('name', body)).rejects.toEqual(shuttingDown);
    await expect(runtime.withOperation({ nesting: 'join' }, body)).rejects.toEqual(shuttingDown);
    expect(() => runtime.openOperation()).toThrow(shuttingDown);
    expect(body).not.toHaveBeenCalled();
  });

  test("code that outlives the runtime still runs its work with outside: 'run'", async () => {
    const body = vi.fn();
    await runtime.shutdown();
    expect(runtime.defer(body, { outside: 'run' }).state).toBe('ran');
    expect(body).toHaveBeenCalledOnce();
  });

  test('a grace of 0 ends at once what is live', async () => {
    const disposed = vi.fn();
    const operation = runtime.settleOperation('endless', async () => {
      runtime.use({ [Symbol.dispose]: disposed });
      runtime.defer(() => {}, { name: 'mail' });
      await new Promise(() => {});
    });
    void operation;
    const shutdown = runtime.shutdown({ grace: 0 });
    await pass(1);
    const { stuck } = await shutdown;
    expect(stuck).toMatchObject([{ name: 'endless', abandoned: [{ name: 'mail' }] }]);
    expect(disposed).toHaveBeenCalledOnce();
  });

  test('another runtime goes on', async () => {
    await runtime.shutdown();
    expect(await createRuntime().withOperation(() => 'on')).toBe('on');
  });

  test('waits for the live operations, their drains and resources, and lets them nest', async () => {
    const log: string[] = [];
    const body = gate();
    const disposing = gate();
    const operation = runtime.withOperation(async () => {
      await body.passed;
      runtime.use({ [Symbol.asyncDispose]: () => disposing.passed });
      runtime.defer(() => runtime.withOperation('nested', () => void log.push('nested')));
      await runtime.withOperation({ nesting: 'join' }, () => void log.push('joined'));
      await expect(runtime.withOperation({ nesting: 'detached' }, () => {})).rejects.toEqual(shuttingDown);
      return 'value';
    });
    let report: unknown;
    const down = runtime.shutdown({ grace: 1000 });
    void down.then((it) => (report = it));
    await pass(500);
    body.open();
    await rest();
    expect(log).toEqual(['joined', 'nested']);
    expect(report).toBeUndefined();
    disposing.open();
    expect(await operation).toBe('value');
    expect(await down).toEqual({ ended: 2, stuck: [] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('whoever awaited the last operation goes on first', async () => {
    const log: string[] = [];
    const body = gate();
    const handler = async (): Promise<void> => {
      await runtime.withOperation(() => body.passed);
      await Promise.resolve();
      log.push('answer');
    };
    const handled = handler();
    const down = runtime.shutdown().then(() => log.push('down'));
    body.open();
    await Promise.all([handled, down]);
    expect(log).toEqual(['answer', 'down']);
  });

  test('calling it again returns the same promise, whatever the options', async () => {
    const down = runtime.shutdown({ grace: 10 });
    expect(runtime.shutdown()).toBe(down);
    expect(runtime.shutdown({ grace: 1 })).toBe(down);
    await down;
    expect(runtime.shutdown()).toBe(down);
  });

  test.each([
    ['a negative grace', { grace: -1 }, RangeError],
    ['a grace of NaN', { grace: Number.NaN }, RangeError],
    ['a grace that is no number', { grace: '10s' }, TypeError],
    ['an unknown option', { timeout: 10 }, TypeError],
    ['options that are none', 10, TypeError],
    ['options that are null', null, TypeError],
  ])('%s is refused, and nothing is shut down', async (_what, options, type) => {
    await expect(runtime.shutdown(options as never)).rejects.toThrow(type);
    await expect(runtime.shutdown(options as never)).rejects.toMatchObject({
      code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
    });
    expect(await runtime.withOperation(() => 'open')).toBe('open');
  });

  test('after the grace it aborts what runs, abandons what is queued, and names both', async () => {
    const log: unknown[] = [];
    const reasons: unknown[] = [];
    const operation = runtime.withOperation('import', async () => {
      await runtime.withTask('files', () => {
        runtime.defer(
          (work) => {
            work.signal.addEventListener('abort', () => reasons.push(work.signal.reason));
            return never();
          },
          { name: 'index' },
        );
        runtime.defer(() => {}, { name: 'thumbnail', discard: (reason) => void log.push(reason) });
      });
      runtime.defer(() => {}, { name: 'mail' });
    });
    const rejection = operation.catch((error: unknown) => error);
    const down = runtime.shutdown({ grace: 100 });
    let report: unknown;
    void down.then((it) => (report = it));
    await pass(99);
    expect(report).toBeUndefined();
    await pass(1);
    expect(report).toMatchObject({
      ended: 0,
      stuck: [
        {
          name: 'import',
          state: 'draining',
          running: [{ name: 'index', task: 'files' }],
          abandoned: [{ name: 'thumbnail', task: 'files' }, { name: 'mail' }],
        },
      ],
    });
    expect(log).toEqual(['abandoned']);
    expect(reasons).toEqual([shuttingDown]);
    const error = await rejection;
    expect(error).toMatchObject({
      code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT',
      cause: reasons[0],
      stuck: [{ name: 'index' }],
      errors: [reasons[0]],
      report: { counts: { 'timed-out': 1, abandoned: 2 } },
    });
    expect((error as Error).message).toContain('grace of shutdown(), 100 ms');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an operation whose function still runs is aborted and closed; the function goes on', async () => {
    const body = gate();
    let seen: Operation | undefined;
    const late: unknown[] = [];
    const operation = runtime.withOperation('request', async (it) => {
      seen = it;
      runtime.defer(() => {}, { name: 'mail', discard: (reason) => void late.push(reason) });
      await body.passed;
      try {
        runtime.defer(() => {});
      } catch (error) {
        late.push(error);
      }
      await runtime.withOperation(() => {}).catch((error: unknown) => late.push(error));
      return 'value';
    });
    const rejection = operation.catch((error: unknown) => error);
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    expect(await down).toMatchObject({
      ended: 0,
      stuck: [{ name: 'request', state: 'open', running: [], abandoned: [{ name: 'mail' }] }],
    });
    expect(seen?.state).toBe('closed');
    expect(seen?.signal.reason).toBeInstanceOf(ShuttingDownError);
    body.open();
    const error = await rejection;
    expect(late).toEqual([
      'abandoned',
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' }),
      shuttingDown,
    ]);
    expect(error).toMatchObject({
      code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT',
      value: 'value',
      cause: seen?.signal.reason,
      report: { outcome: 'success', counts: { abandoned: 1 } },
    });
  });

  test('what is queued is abandoned task by task in the order in which they started, its own end first', async () => {
    const log: string[] = [];
    const defers = (name: string, until?: 'task'): void =>
      void runtime.defer(() => {}, { name, discard: () => log.push(name), ...(until && { until }) });
    const started = [gate(), gate()];
    void runtime.settleOperation({}, async () => {
      defers('own');
      const tasks = ['a', 'b'].map((name, index) =>
        runtime.withTask(name, async () => {
          await started[index]!.passed;
          defers(`${name} at the boundary`);
          defers(`${name} at its end`, 'task');
          await never();
        }),
      );
      started[1]!.open(undefined);
      await rest();
      started[0]!.open(undefined);
      await Promise.all(tasks);
    });
    await pass(0);
    const report = runtime.shutdown({ grace: 10 });
    await pass(10);
    await report;
    expect(log).toEqual(['a at its end', 'a at the boundary', 'b at its end', 'b at the boundary', 'own']);
  });

  test('a function that fails after the grace tells its own reason', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const operation = runtime.withOperation(async ({ signal }) => {
      runtime.defer(() => {});
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    const rejection = operation.catch((error: unknown) => error);
    void runtime.shutdown({ grace: 50 });
    await pass(50);
    expect(await rejection).toBeInstanceOf(ShuttingDownError);
    expect(warned.mock.calls).toMatchObject([[{ cause: { code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' } }]]);
    warned.mockRestore();
  });

  test('an operation that loses nothing fulfils though it ends after the grace', async () => {
    const body = gate();
    const bare = runtime.withOperation(async () => {
      await body.passed;
      return 'bare';
    });
    const done = runtime.withOperation(async () => {
      runtime.defer(() => {});
      await runtime.flush();
      await body.passed;
      return 'done';
    });
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    expect((await down).stuck.map(({ state }) => state)).toEqual(['open', 'open']);
    body.open();
    expect(await Promise.all([bare, done])).toEqual(['bare', 'done']);
  });

  test('nested operations are cut before those that they are nested in, and stand after them in the report', async () => {
    const log: string[] = [];
    const outer = runtime.withOperation('outer', () => {
      runtime.defer(
        () =>
          runtime.withOperation('inner', () => {
            runtime.defer(() => {}, {
              until: 'root',
              name: 'at the root',
              discard: (reason) => void log.push(reason),
            });
            runtime.defer(never, { name: 'stuck' });
          }),
        { name: 'opens' },
      );
    });
    const rejection = outer.catch((error: unknown) => error);
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    expect(await down).toMatchObject({
      stuck: [
        { name: 'outer', running: [{ name: 'opens' }], abandoned: [{ name: 'at the root' }] },
        { name: 'inner', running: [{ name: 'stuck' }], abandoned: [] },
      ],
    });
    expect(log).toEqual(['abandoned']);
    expect(await rejection).toMatchObject({ report: { counts: { abandoned: 1, 'timed-out': 1 } } });
  });

  test('resources are disposed after the grace, discards called, and both waited for at most once more', async () => {
    const log: string[] = [];
    const operation = runtime.settleOperation('op', () => {
      runtime.use({ [Symbol.dispose]: () => void log.push('first') });
      runtime.use({ [Symbol.asyncDispose]: () => (log.push('second'), never()) });
      runtime.defer(never);
      runtime.defer(() => {}, { discard: async () => void log.push('discarded') });
    });
    let report: unknown;
    void runtime.shutdown({ grace: 50 }).then((it) => (report = it));
    await pass(50);
    expect(log).toEqual(['discarded', 'second']);
    expect(report).toBeUndefined();
    await pass(50);
    expect(log).toEqual(['discarded', 'second', 'first']);
    expect(report).toBeDefined();
    expect((await operation).report.counts).toMatchObject({ 'timed-out': 1, abandoned: 1 });
  });

  test('an open operation that nobody closes is named, cut and can still be closed', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const log: string[] = [];
    const open: OpenOperation = runtime.openOperation('session');
    open.use({ [Symbol.dispose]: () => void log.push('disposed') });
    open.defer(() => {}, { name: 'goodbye' });
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    expect((await down).stuck).toMatchObject([
      { name: 'session', state: 'open', abandoned: [{ name: 'goodbye' }] },
    ]);
    expect(log).toEqual(['disposed']);
    expect(open.state).toBe('closed');
    await expect(open.close()).rejects.toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' });
    warned.mockRestore();
  });

  test('a detached operation, and a work that runs outside any, are waited for', async () => {
    const work = gate();
    const body = gate();
    void runtime.withOperation(() => void runtime.withOperation({ nesting: 'detached' }, () => body.passed));
    runtime.defer(() => work.passed, { outside: 'run' });
    let ended = 0;
    const down = runtime.shutdown().then((report) => (ended = report.ended));
    await rest();
    work.open();
    await rest();
    expect(ended).toBe(0);
    body.open();
    await down;
    expect(ended).toBe(2);
  });

  test('an operation that its drainTimeout has cut short is waited for', async () => {
    const disposing = gate();
    const operation = runtime.settleOperation({ drainTimeout: 100 }, () => {
      runtime.use({ [Symbol.asyncDispose]: () => disposing.passed });
      runtime.defer(never);
    });
    await pass(100);
    let down = false;
    void runtime.shutdown({ grace: 1000 }).then(() => (down = true));
    await pass(50);
    expect(down).toBe(false);
    disposing.open();
    await operation;
    await rest();
    expect(down).toBe(true);
  });

  test('one that its drainTimeout has cut short is named, and not waited for longer than once more grace', async () => {
    const operation = runtime.settleOperation({ name: 'slow', drainTimeout: 1000 }, () => {
      runtime.use({ [Symbol.asyncDispose]: never });
      runtime.defer(never);
    });
    await pass(1000);
    let report: unknown;
    void runtime.shutdown({ grace: 50 }).then((it) => (report = it));
    await pass(100);
    expect(report).toMatchObject({
      ended: 0,
      stuck: [{ name: 'slow', state: 'closed', running: [], abandoned: [] }],
    });
    await pass(1000);
    await operation;
  });

  test('what is opened while others are cut short is cut short, too', async () => {
    const log: string[] = [];
    void runtime
      .withOperation('request', async (request) => {
        await runtime.withOperation('transaction', () => {
          runtime.defer(({ signal }) => {
            signal.addEventListener('abort', () => {
              request.run(() => {
                void runtime
                  .withOperation('rollback', async () => {
                    runtime.defer(() => {}, { discard: (reason) => void log.push(reason) });
                    await never();
                  })
                  .catch(() => {});
              });
            });
            return never();
          });
        });
      })
      .catch(() => {});
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    expect((await down).stuck.map(({ name }) => name)).toEqual(['request', 'transaction', 'rollback']);
    expect(log).toEqual(['abandoned']);
  });

  test('works for a root that was cut short before are among the abandoned', async () => {
    const inner = gate();
    const log: string[] = [];
    let nested: Promise<unknown> | undefined;
    const outer = runtime.settleOperation({ name: 'outer', drainTimeout: 100 }, () => {
      runtime.defer(() => {
        nested = runtime
          .withOperation('inner', async () => {
            runtime.defer(() => {}, {
              name: 'at the root',
              until: 'root',
              discard: (reason) => void log.push(reason),
            });
            await inner.passed;
          })
          .catch((error: unknown) => error);
      });
    });
    await pass(100);
    await outer;
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    expect((await down).stuck).toMatchObject([{ name: 'inner', abandoned: [{ name: 'at the root' }] }]);
    expect(log).toEqual(['abandoned']);
    inner.open();
    expect(await nested).toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' });
  });

  test('fail() keeps its reason where the operation was cut short before', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const open = runtime.openOperation('session');
    open.defer(() => {});
    const down = runtime.shutdown({ grace: 50 });
    await pass(50);
    await down;
    open.fail(new Error('disk full'));
    expect(await open.close()).toMatchObject({ outcome: 'failure', counts: { abandoned: 1 } });
    warned.mockRestore();
  });

  test('works keep their context when they are discarded or disposed by a shutdown', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const operation = runtime.settleOperation('op', () => {
      storage.run('resource', () =>
        runtime.use({ [Symbol.dispose]: () => void seen.push(storage.getStore()) }),
      );
      runtime.defer(never);
      storage.run('work', () =>
        runtime.defer(() => {}, { discard: () => void seen.push(storage.getStore()) }),
      );
    });
    void storage.run('shutdown', () => runtime.shutdown({ grace: 10 }));
    await pass(10);
    await operation;
    expect(seen).toEqual(['work', 'resource']);
  });
});
