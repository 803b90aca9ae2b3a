import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { runInNewContext } from 'node:vm';
import {
  configure,
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  flush,
  openOperation,
  runOutside,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Operation, OperationOptions, RefusedMessage, WorkReport } from 'deferqueue';
import PQueue from 'p-queue';
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest';
import { gate, turn } from '../support/gate.js';

let warnings: MockInstance<typeof process.emitWarning>;
beforeEach(() => {
  warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
});
afterEach(() => {
  warnings.mockRestore();
});

const warned = (): (string | undefined)[] =>
  warnings.mock.calls.map(([warning]) => (warning as unknown as { code?: string }).code);

const invalid = expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });
const closed = expect.objectContaining({ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' });
const disposable = (log: string[], name: string): Disposable => ({
  [Symbol.dispose]: () => void log.push(name),
});

describe('configure', () => {
  test('gives defaults to operations that are opened from then on, until they are taken back', async () => {
    const { configure: set, withOperation: run, settleOperation: settle, defer: later } = createRuntime();
    const works = async (): Promise<unknown> =>
      (await settle(() => void later(() => {}))).report.works?.length;
    expect(await works()).toBeUndefined();
    const restore = set({ report: 'full', name: 'default' });
    expect(await works()).toBe(1);
    expect(await run((operation) => operation.name)).toBe('default');
    expect(await run('given', (operation) => operation.name)).toBe('given');
    restore();
    restore();
    expect(await works()).toBeUndefined();
  });

  test('is laid over what is in force, whatever the order in which it is taken back', async () => {
    const {
      configure: set,
      withOperation: run,
      defer: later,
    } = createRuntime({ defaults: { maxPending: 1 } });
    const limit = (): Promise<unknown> =>
      run(() => {
        let count = 0;
        try {
          for (; count < 9; count++) later(() => {});
        } catch {
          return count;
        }
        return Infinity;
      });
    const first = set({ maxPending: 2 });
    const second = set({ maxPending: 3 });
    expect(await limit()).toBe(3);
    first();
    expect(await limit()).toBe(3);
    second();
    second();
    expect(await limit()).toBe(1);
  });

  test.each([[undefined], [null], ['name'], [{ nope: 1 }], [{ maxPending: -1 }], [{ drainSignal: {} }]])(
    'refuses %j',
    (defaults) => {
      expect(() => configure(defaults as never)).toThrow(invalid);
    },
  );
});

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
    expect(warned()).toEqual([]);
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
    expect(warned()).toEqual(['DEFERQUEUE_WORK_REFUSED', 'DEFERQUEUE_WORK_REFUSED']);
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
    expect(warned()).toEqual([
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
    expect(warned()).toContain('DEFERQUEUE_LISTENER_FAILED');
  });
});

describe('G22 times in a full report', () => {
  test('say how long an item waited and how long it took', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      const settled = settleOperation({ report: 'full' }, async () => {
        defer(() => new Promise((resolve) => setTimeout(resolve, 30)), { name: 'ran' });
        defer(() => {}, { name: 'skipped', on: 'failure' });
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
      await vi.advanceTimersByTimeAsync(20);
      await vi.advanceTimersByTimeAsync(30);
      expect((await settled).report.works).toEqual([
        { name: 'ran', state: 'ran', waited: 20, took: 30 },
        { name: 'skipped', state: 'skipped', waited: 50 },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('are those of the operation that reports: promoted items too, and none without a full report', async () => {
    const rows: (WorkReport | undefined)[] = [];
    const { report } = await settleOperation({ report: 'full' }, async () => {
      const inner = await settleOperation({ report: 'full' }, () => void defer(() => {}, { until: 'root' }));
      rows.push(inner.report.works?.[0]);
      await settleOperation(async () => {
        const deferred = defer(() => {});
        await flush();
        rows.push(await deferred.settled);
      });
    });
    const waited = expect.any(Number);
    expect(rows).toEqual([
      { name: undefined, state: 'promoted', waited },
      { name: undefined, state: 'ran' },
    ]);
    expect(report.works).toEqual([{ name: undefined, state: 'ran', waited, took: waited }]);
  });
});

describe.each([
  ['one at a time', () => 1],
  ['two at once', () => 2],
  ['a queue', () => new PQueue({ concurrency: 1 })],
])('G23 drainSignal, %s', (_what, concurrency) => {
  test('ends the drain when it aborts: running items time out, queued ones are abandoned', async () => {
    const stop = new AbortController();
    const reason = { why: 'deploy' };
    const log: unknown[] = [];
    const started = gate();
    const operation = withOperation(
      { name: 'import', concurrency: concurrency(), drainSignal: stop.signal },
      () => {
        use(disposable(log as string[], 'disposed'));
        const stuck = (work: { signal: AbortSignal }): Promise<void> => {
          work.signal.addEventListener('abort', () => log.push(work.signal.reason));
          started.open();
          return new Promise(() => {});
        };
        for (const name of ['a', 'b', 'c']) {
          defer(stuck, { name, discard: (why) => void log.push(`${name} ${why}`) });
        }
        return 'value';
      },
    );
    const rejected = operation.catch((error: unknown) => error);
    await started.passed;
    await turn();
    stop.abort(reason);
    const error = (await rejected) as Error & {
      stuck: unknown[];
      report: { counts: Record<string, number> };
    };
    const running = error.stuck.length;
    expect(error).toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_ABORTED', cause: reason, value: 'value' });
    expect(error.report.counts).toMatchObject({ 'timed-out': running, abandoned: 3 - running });
    expect(log.slice(0, running)).toEqual(Array.from({ length: running }, () => reason));
    expect(log).toContain('c abandoned');
    expect(log.at(-1)).toBe('disposed');
  });

  test('aborted by the boundary, it abandons everything without one start', async () => {
    const log: string[] = [];
    const settled = await settleOperation(
      { concurrency: concurrency(), drainSignal: AbortSignal.abort('gone') },
      async () => {
        defer(() => log.push('flushed'));
        expect(await flush()).toBe(1);
        await withTask(() => void defer(() => log.push('of the task'), { until: 'task' }));
        await withTask(() => void defer(() => log.push('never'), { discard: (why) => void log.push(why) }));
        defer(() => log.push('never'), { discard: (why) => void log.push(why) });
      },
    );
    expect(log).toEqual(['flushed', 'of the task', 'abandoned', 'abandoned']);
    expect(settled.report.counts).toMatchObject({ ran: 2, abandoned: 2 });
  });

  test('with nothing queued the end is a normal one, until a disposer defers', async () => {
    const log: string[] = [];
    const drainSignal = AbortSignal.abort(undefined);
    expect(
      await withOperation({ concurrency: concurrency(), drainSignal }, () => {
        use(disposable(log, 'disposed'));
        return 'value';
      }),
    ).toBe('value');
    const late = withOperation({ concurrency: concurrency(), drainSignal }, () => {
      use({
        [Symbol.dispose]: () => void defer(() => log.push('never'), { discard: (why) => void log.push(why) }),
      });
    });
    await expect(late).rejects.toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_ABORTED' });
    expect(log).toEqual(['disposed', 'abandoned']);
  });

  test('it yields to the reason of the function, and goes to onWorkError and to the report', async () => {
    const stop = new AbortController();
    const heard: unknown[] = [];
    const own = new Error('own');
    const options = {
      concurrency: concurrency(),
      drainSignal: stop.signal,
      onWorkError: (error: unknown): unknown => heard.push(error),
    };
    const started = gate();
    const failing = withOperation(options, () => {
      defer(() => {
        started.open();
        return new Promise(() => {});
      });
      throw own;
    });
    await started.passed;
    stop.abort('late');
    await expect(failing).rejects.toBe(own);
    expect(heard).toEqual(['late']);
  });
});

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

describe('names are optional', () => {
  test('in settleOperation and withTask', async () => {
    const { outcome } = await settleOperation(() => withTask((task) => task.name));
    expect(outcome).toEqual({ status: 'fulfilled', value: undefined });
    await expect(settleOperation(() => withTask((() => {}) as never, () => {}))).resolves.toMatchObject({
      outcome: { reason: invalid },
    });
  });
});
