import {
  defer,
  DeferqueueError,
  DeferredWorkError,
  flush,
  NoOperationError,
  openOperation,
  QueueFullError,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, WorkReport } from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';
import { settleMicrotasks, turn } from '../support/gate.js';
import { catchWarnings } from '../support/warnings.js';

const warnings = catchWarnings();

const caught = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have rejected'),
    (reason: unknown) => reason,
  );

const failures: [string, () => unknown, unknown][] = [
  [
    'throws synchronously',
    () => {
      throw new Error('sync');
    },
    new Error('sync'),
  ],
  ['rejects', () => Promise.reject(new Error('async')), new Error('async')],
  [
    'throws a string',
    () => {
      throw 'text';
    },
    'text',
  ],
  [
    'throws undefined',
    () => {
      throw undefined;
    },
    undefined,
  ],
  ['rejects with undefined', () => Promise.reject(undefined), undefined],
  [
    'returns a thenable that throws in then',
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
      then: () => {
        throw new Error('then');
      },
    }),
    new Error('then'),
  ],
  [
    'returns an object whose then is a getter that throws',
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
      get then(): unknown {
        throw new Error('getter');
      },
    }),
    new Error('getter'),
  ],
];

describe('G20 all run', () => {
  test.each(failures)(
    'a work that %s stops nothing and is reported with its name',
    async (_what, run, thrown) => {
      const ran: string[] = [];
      const heard: [unknown, WorkReport][] = [];
      const { outcome, report } = await settleOperation(
        { report: 'full', onWorkError: (error, work) => heard.push([error, work]) },
        async () => {
          defer(() => ran.push('before'));
          defer(run, { name: 'failing' });
          await withTask('task', () => void defer(run, { name: 'in a task' }));
          defer(() => ran.push('after'));
          use({ [Symbol.dispose]: () => void ran.push('disposed') });
          return 'value';
        },
      );
      expect(ran).toEqual(['before', 'after', 'disposed']);
      expect(outcome).toEqual({ status: 'fulfilled', value: 'value' });
      expect(report.counts).toMatchObject({ ran: 2, failed: 2 });
      const times = { waited: expect.any(Number), took: expect.any(Number) };
      expect(heard).toEqual([
        [thrown, { name: 'in a task', state: 'failed', reason: thrown, task: 'task', ...times }],
        [thrown, { name: 'failing', state: 'failed', reason: thrown, ...times }],
      ]);
      expect(report.works?.filter((work) => work.state === 'failed')).toEqual(heard.map(([, work]) => work));
    },
  );
});

describe('G21 nothing is hidden or masked', () => {
  test("rejects with the function's own reason, whatever the works do", async () => {
    const reason = new Error('function');
    const error = new Error('work');
    const rejection = await caught(
      withOperation('import', () => {
        defer(() => Promise.reject(error), { name: 'notify' });
        throw reason;
      }),
    );
    expect(rejection).toBe(reason);
    expect(reason.cause).toBeUndefined();
    expect(warnings.emitted).toHaveLength(1);
    const [warning] = warnings.emitted as [Error];
    expect(warning.cause).toBeInstanceOf(DeferredWorkError);
    expect((warning.cause as DeferredWorkError).errors).toEqual([error]);
    expect(warning.message).toContain('notify');
    expect(warning.message).toContain('import');
  });

  test('with works failed only, rejects with all failures, the value and the report', async () => {
    const errors = [new Error('first'), 'second', undefined];
    const rejection = await caught(
      withOperation('import', () => {
        for (const error of errors) defer(() => Promise.reject(error), { name: `work ${error}` });
        defer(() => {});
        return { kept: true };
      }),
    );
    expect(rejection).toBeInstanceOf(DeferredWorkError);
    expect(rejection).toBeInstanceOf(AggregateError);
    expect(rejection).toBeInstanceOf(DeferqueueError);
    const failed = rejection as DeferredWorkError;
    expect(failed.name).toBe('DeferredWorkError');
    expect(failed.code).toBe('ERR_DEFERQUEUE_DEFERRED_WORK');
    expect(failed.errors).toEqual(errors);
    expect(failed.errors[0]).toBe(errors[0]);
    expect(failed.value).toEqual({ kept: true });
    expect(failed.report).toMatchObject({
      name: 'import',
      outcome: 'success',
      registered: 4,
      counts: { ran: 1, failed: 3 },
    });
    expect(failed.message).toContain('"import"');
    expect(failed.message).toContain('"work second": "second"');
    expect(warnings.emitted).toEqual([]);
  });

  test.each([
    ['an error whose message is a symbol', Object.assign(new Error('a'), { message: Symbol('s') })],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('thrown')],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('trap');
          },
        },
      ),
    ],
  ])('%s is told of like any other failure', async (_what, thrown: unknown) => {
    const run = Object.defineProperty(() => Promise.reject(thrown), 'name', { value: 1n });
    const rejection = await caught(withOperation('operation', () => void defer(run)));
    expect(rejection).toBeInstanceOf(DeferredWorkError);
    expect((rejection as DeferredWorkError).errors[0] === thrown).toBe(true);
  });

  test.each([
    ['nothing deferred', false],
    ['works to wait for', true],
  ])('the stack of a reason leads to who opened the operation, with %s', async (_title, defers) => {
    const findDeepDown = async () => {
      await turn();
      throw new Error('thrown deep down');
    };
    const openAnOperation = async () => {
      await withOperation(async () => {
        if (defers) defer(turn);
        await findDeepDown();
      });
    };
    const reason = await openAnOperation().catch((error: unknown) => error);
    const { stack = '' } = reason as Error;
    expect(stack).toContain('findDeepDown');
    expect(stack).toContain('openAnOperation');
    expect(stack).not.toContain('boundary');
  });

  test('user functions are called with nothing of the library as this', async () => {
    const seen: unknown[] = [];
    const note = function (this: unknown): void {
      seen.push(this);
    };
    await settleOperation({ onWorkError: note }, () => {
      defer(note);
      defer(note, { task: null, on: 'failure', discard: note });
      defer(() => Promise.reject(new Error('heard')));
    });
    expect(seen.every((self) => self === undefined || self === null)).toBe(true);
    expect(seen).toHaveLength(3);
  });

  test("workErrors: 'report' resolves with the value, and the failures are one warning", async () => {
    const value = await withOperation({ workErrors: 'report' }, () => {
      defer(() => Promise.reject(new Error('one')));
      defer(() => Promise.reject(new Error('two')));
      return 'value';
    });
    expect(value).toBe('value');
    expect(warnings.emitted).toHaveLength(1);
    expect(warnings.emitted[0]).toMatchObject({ cause: { value: 'value' } });
  });

  test.each([
    ['throw', false],
    ['throw', true],
    ['report', false],
    ['report', true],
  ] as const)(
    "onWorkError hears every failure once with workErrors: '%s', function failing: %s",
    async (workErrors, fails) => {
      const heard: unknown[] = [];
      const errors = [
        new Error('task'),
        new Error('end'),
        new Error('own'),
        new Error('flushed'),
        new Error('dispose'),
      ];
      const fail = (index: number) => () => Promise.reject(errors[index]);
      await withOperation({ workErrors, onWorkError: (error) => heard.push(error) }, async () => {
        defer(fail(3));
        await flush();
        await withTask('task', () => {
          defer(fail(0));
          defer(fail(1), { until: 'task' });
        });
        defer(fail(2));
        use({ [Symbol.asyncDispose]: fail(4) });
        if (fails) throw new Error('function');
      }).catch(() => {});
      expect(heard).toEqual([errors[3], errors[1], errors[0], errors[2], errors[4]]);
      expect(warnings.emitted).toEqual([]);
    },
  );

  test('settleOperation never rejects, and warns of nothing', async () => {
    const { outcome, report } = await settleOperation('operation', () => {
      defer(() => Promise.reject(new Error('work')));
      throw new Error('function');
    });
    expect(outcome.status).toBe('rejected');
    expect(report.counts.failed).toBe(1);
    expect(warnings.emitted).toEqual([]);
  });

  test('where process cannot warn, what nobody else would hear goes to the console', async () => {
    const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const reason = new Error('function');
    const failing = (): Promise<void> =>
      withOperation(() => {
        defer(() => {
          throw new Error('work');
        });
        throw reason;
      });
    try {
      vi.stubGlobal('process', { ...process, emitWarning: undefined });
      expect(await caught(failing())).toBe(reason);
      vi.stubGlobal('process', undefined);
      expect(await caught(failing())).toBe(reason);
      const warning = expect.objectContaining({ name: 'DeferqueueWarning', cause: expect.anything() });
      expect(heard.mock.calls).toEqual([[warning], [warning]]);
    } finally {
      vi.unstubAllGlobals();
      heard.mockRestore();
    }
    expect(warnings.emitted).toEqual([]);
  });

  test('an onWorkError that throws or rejects becomes a process warning and stops nothing', async () => {
    const ran: string[] = [];
    const thrown = [new Error('thrown'), new Error('rejected')];
    let call = 0;
    await settleOperation(
      {
        onWorkError: () => {
          const error = thrown[call++];
          if (call === 1) throw error;
          return Promise.reject(error);
        },
      },
      () => {
        defer(() => Promise.reject(new Error('one')));
        defer(() => Promise.reject(new Error('two')));
        defer(() => ran.push('after'));
      },
    );
    await settleMicrotasks();
    expect(ran).toEqual(['after']);
    expect(warnings.emitted.map(({ cause }) => cause)).toEqual(thrown);
  });

  test('failures of nested operations stay with them', async () => {
    const heard: string[] = [];
    await withOperation({ onWorkError: () => heard.push('outer') }, async () => {
      await withOperation({ onWorkError: () => heard.push('inner') }, () => {
        defer(() => Promise.reject(new Error('inner')));
      }).catch((error: unknown) => heard.push((error as Error).name));
    });
    expect(heard).toEqual(['inner', 'DeferredWorkError']);
  });

  test('no rejection of a work is left unhandled', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    await settleOperation('operation', async () => {
      for (let index = 0; index < 10; index++) defer(() => Promise.reject(new Error(`${index}`)));
      await flush();
      defer(() => {}, { on: 'failure', discard: () => Promise.reject(new Error('discard')) });
      defer(() => {}, { discard: () => Promise.reject(new Error('discard')) }).cancel();
    });
    await turn();
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });
});

describe('G24 bounds', () => {
  test('more than maxPending queued works make defer throw, and nothing queued is lost', async () => {
    const ran: number[] = [];
    await withOperation({ maxPending: 2, name: 'bounded' }, async (operation) => {
      defer(() => ran.push(1));
      await withTask('task', () => void defer(() => ran.push(0)));
      const full = (): Deferred => defer(() => ran.push(9));
      expect(full).toThrow(QueueFullError);
      expect(full).toThrow(expect.objectContaining({ code: 'ERR_DEFERQUEUE_QUEUE_FULL', maxPending: 2 }));
      expect(full).toThrow(/"bounded"/);
      expect(operation.pending).toBe(2);
      await flush();
      defer(() => {
        ran.push(2);
        defer(() => ran.push(3));
      });
    });
    expect(ran).toEqual([1, 0, 2, 3]);
  });

  test('a full queue accepts a replacement, and cancelling makes room', async () => {
    const ran: string[] = [];
    await withOperation({ maxPending: 1 }, () => {
      defer(() => ran.push('first'), { key: 'k' });
      const second = defer(() => ran.push('second'), { key: 'k' });
      expect(() => defer(() => {}, { key: 'other' })).toThrow(QueueFullError);
      expect(second.cancel()).toBe(true);
      defer(() => ran.push('third'));
    });
    expect(ran).toEqual(['third']);
  });

  test('maxPending: 0 allows none', async () => {
    await withOperation({ maxPending: 0 }, () => {
      expect(() => defer(() => {})).toThrow(QueueFullError);
      use({ [Symbol.dispose]() {} });
    });
  });
});

describe('errors', () => {
  test('are recognised by class and code', () => {
    const error = (() => {
      try {
        defer(() => {});
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(NoOperationError);
    expect(error).toBeInstanceOf(DeferqueueError);
    expect(error).not.toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({ name: 'NoOperationError', code: 'ERR_DEFERQUEUE_NO_OPERATION' });
    expect({} instanceof NoOperationError).toBe(false);
    expect((null as unknown) instanceof DeferqueueError).toBe(false);
    expect(new Error('other') instanceof DeferqueueError).toBe(false);
  });

  test('a class derived from one goes by its prototype', () => {
    class Own extends QueueFullError {}
    const [own, other] = [new Own({ id: 1, name: 'a' }, 1), new QueueFullError({ id: 1, name: 'a' }, 1)];
    expect([own instanceof Own, other instanceof Own, own instanceof QueueFullError]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('messages shorten long lists and long chains', async () => {
    const operation = openOperation('many');
    for (let index = 0; index < 8; index++)
      operation.defer(() => Promise.reject(index), { name: `w${index}` });
    const error = (await caught(operation.close())) as DeferredWorkError;
    expect(error.message).toContain('8 work items failed');
    expect(error.message).toContain('and 3 more');
    expect(error.errors).toHaveLength(8);
  });
});
