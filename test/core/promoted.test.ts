import {
  currentOperation,
  defer,
  flush,
  openOperation,
  settleOperation,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, DeferOptions, Outcome } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate, turn } from '../support/gate.js';

const swallow = (): undefined => undefined;

/** A nested operation that fails or succeeds. */
const nested = (
  fn: () => unknown,
  fails = false,
  nesting: 'nested' | 'savepoint' = 'nested',
): Promise<unknown> =>
  withOperation({ nesting }, async () => {
    await fn();
    if (fails) throw new Error('no');
  }).catch(swallow);

describe("G18 outcomeOf: 'operation'", () => {
  const own = { until: 'root', outcomeOf: 'operation' } as const;

  test.each([
    ['success', false, ['success']],
    ['failure', true, ['failure']],
  ])('work for the root is judged by its own operation alone: %s', async (_what, fails, expected) => {
    const ran: unknown[] = [];
    await settleOperation('request', async () => {
      await nested(async () => {
        await nested(() => {
          for (const on of ['success', 'failure'] as const) defer(() => ran.push(on), { ...own, on });
        }, fails);
      }, !fails);
      expect(ran).toEqual([]);
      if (!fails) throw new Error('the request fails later');
    });
    expect(ran).toEqual(expected);
  });

  test('it sees the outcome of its own operation, with its value, after that has ended', async () => {
    const seen: (Outcome | undefined)[] = [];
    await withOperation(async () => {
      await withOperation(() => {
        defer((work) => seen.push(work.outcome), own);
        return 'the order';
      });
      await nested(() => void defer((work) => seen.push(work.outcome), own), true);
      return 'the response';
    });
    expect(seen).toEqual([
      { status: 'fulfilled', value: 'the order' },
      { status: 'rejected', reason: expect.any(Error) },
    ]);
  });

  test('in a savepoint it is judged by the savepoints and the operation whose boundary they wait for', async () => {
    const seen: unknown[] = [];
    const look = (name: string): Deferred => defer((work) => seen.push([name, work.outcome?.status]), own);
    await settleOperation(async () => {
      await withOperation('transaction', async () => {
        await nested(() => void look('kept'), false, 'savepoint');
        await nested(() => void look('rolled back'), true, 'savepoint');
      });
      await nested(() => nested(() => void look('lost'), false, 'savepoint'), true);
      throw new Error('the request fails later');
    });
    expect(seen).toEqual([
      ['kept', 'fulfilled'],
      ['rolled back', 'rejected'],
      ['lost', 'rejected'],
    ]);
  });

  test("without until: 'root', and in the root, it changes nothing", async () => {
    const ran: string[] = [];
    await settleOperation(async () => {
      defer(() => ran.push('root'), { ...own, on: 'failure' });
      await nested(() => void defer(() => ran.push('nested'), { outcomeOf: 'operation', on: 'success' }));
      throw new Error('no');
    });
    expect(ran).toEqual(['nested', 'root']);
  });
});

describe('G27 promoted twins', () => {
  const key = (options: object): DeferOptions<number> => ({ key: 'k', until: 'root', ...options });

  test.each(['success', 'always', 'failure'] as const)(
    'forty operations of one outcome leave one item that runs on %s',
    async (on) => {
      let runs = 0;
      const { report } = await settleOperation(async (root) => {
        for (let index = 0; index < 40; index++) {
          await nested(() => void defer(() => runs++, { key: 'k', until: 'root', on }), on === 'failure');
        }
        expect(root.pending).toBe(1);
      });
      expect(runs).toBe(1);
      expect(report.counts).toMatchObject({ ran: 1, replaced: 39 });
    },
  );

  test('one whose path has failed never stands for one whose path has not', async () => {
    const ran: number[] = [];
    const discarded: number[] = [];
    const note = (data: number): void => {
      defer((work) => ran.push(work.data), {
        ...key({ data, on: 'success' }),
        discard: (_reason, value) => void discarded.push(value),
      });
    };
    await withOperation(async () => {
      await nested(() => note(1));
      await nested(() => note(2), true);
      await nested(() => note(3));
      await nested(() => note(4), true);
    });
    expect(ran).toEqual([3]);
    expect(discarded.toSorted((one, other) => one - other)).toEqual([1, 2, 4]);
  });

  test('they become one as soon as the operations between have settled', async () => {
    const ran: number[] = [];
    await withOperation(async (root) => {
      await nested(() => void defer((work) => ran.push(work.data), key({ data: 1, on: 'success' })));
      await withOperation(async () => {
        await nested(() => void defer((work) => ran.push(work.data), key({ data: 2, on: 'success' })));
        // The operation around the second one may still fail.
        expect(root.pending).toBe(2);
      });
      expect(root.pending).toBe(1);
      await nested(async () => {
        await nested(() => void defer((work) => ran.push(work.data), key({ data: 3, on: 'success' })));
      }, true);
      expect(root.pending).toBe(2);
    });
    expect(ran).toEqual([2]);
  });

  test("an until: 'root' item of the root itself is their twin, whichever comes first", async () => {
    const merged: number[] = [];
    const merge = { on: 'success', coalesce: (one: number, other: number) => one * 10 + other } as const;
    await withOperation(async () => {
      defer((work) => merged.push(work.data), key({ data: 1, ...merge }));
      await nested(() => void defer((work) => merged.push(work.data), key({ data: 2, ...merge })));
      defer((work) => merged.push(work.data), key({ data: 3, ...merge }));
      defer((work) => merged.push(work.data), { data: 9, key: 'other', on: 'success' });
    });
    expect(merged).toEqual([123, 9]);
  });

  test('items of another until, outcomeOf or condition are none', async () => {
    const { report } = await settleOperation(async () => {
      defer(() => {}, { key: 'k', on: 'success' });
      await nested(() => {
        defer(() => {}, { key: 'k', until: 'root', on: 'success' });
        defer(() => {}, { key: 'k', until: 'root' });
        defer(() => {}, { key: 'k', until: 'root', on: 'success', outcomeOf: 'operation' });
      });
    });
    expect(report.counts).toMatchObject({ ran: 4, replaced: 0 });
  });

  test('work of savepoints becomes one with that of the enclosing operation', async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      defer(() => ran.push('first'), { key: 'cache', on: 'success' });
      for (const name of ['second', 'third']) {
        await nested(
          () => void defer(() => ran.push(name), { key: 'cache', on: 'success' }),
          false,
          'savepoint',
        );
      }
      await nested(
        () => void defer(() => ran.push('lost'), { key: 'cache', on: 'success' }),
        true,
        'savepoint',
      );
    });
    expect(ran).toEqual(['third']);
  });

  test('a merge that throws leaves both, and is one failure of the later one', async () => {
    const ran: number[] = [];
    const failures: unknown[] = [];
    const merge = (): number => {
      throw new Error('merge');
    };
    await withOperation({ onWorkError: (error) => failures.push(error), workErrors: 'report' }, async () => {
      for (const data of [1, 2]) {
        await nested(
          () => void defer((work) => ran.push(work.data), key({ data, on: 'success', coalesce: merge })),
        );
      }
    });
    expect(ran).toEqual([1, 2]);
    expect(failures).toEqual([expect.objectContaining({ message: 'merge' })]);
  });

  test('an operation that fails before it is closed judges at once', async () => {
    const ran: number[] = [];
    await withOperation(async (root) => {
      const open = openOperation();
      await open.run(() =>
        nested(() => void defer((work) => ran.push(work.data), key({ data: 1, on: 'failure' }))),
      );
      await nested(() => void defer((work) => ran.push(work.data), key({ data: 2, on: 'failure' })), true);
      expect(root.pending).toBe(2);
      open.fail(new Error('no'));
      expect(root.pending).toBe(1);
      await open.close();
    });
    expect(ran).toEqual([2]);
  });

  test('fail between close and the boundary still makes the outcome a failure', async () => {
    const ran: string[] = [];
    const running = gate();
    await withOperation(async () => {
      const open = openOperation();
      open.defer(() => ran.push('success'), { on: 'success', key: 'k' });
      open.defer(() => ran.push('failure'), { on: 'failure', key: 'k' });
      await open.run(() =>
        nested(() => void defer(() => ran.push('root'), { until: 'root', key: 'k', on: 'success' })),
      );
      void open.run(() => running.passed);
      const closed = open.close();
      open.fail(new Error('no'));
      running.open();
      await closed;
    });
    expect(ran).toEqual(['failure']);
  });

  test('a promoted item can be flushed and cancelled where it waits', async () => {
    const ran: unknown[] = [];
    await withOperation('root', async () => {
      let cancelled: Deferred | undefined;
      await nested(() => {
        cancelled = defer(() => ran.push('never'), key({ on: 'success' }));
        defer(() => ran.push(currentOperation()?.name), { until: 'root' });
      });
      await nested(() => void defer(() => ran.push('later'), key({ on: 'success' })));
      expect(cancelled?.cancel()).toBe(false);
      expect(cancelled?.state).toBe('replaced');
      expect(await flush()).toBe(1);
    });
    expect(ran).toEqual(['root', 'later']);
  });

  test('a task of a savepoint may promote ten thousand items', async () => {
    let ran = 0;
    await withOperation(() =>
      withOperation({ nesting: 'savepoint' }, () =>
        withTask(() => {
          for (let index = 0; index < 10_000; index++) defer(() => ran++);
        }),
      ),
    );
    expect(ran).toBe(10_000);
  });
});

describe('what leads to user code while items are handed over', () => {
  const until = { until: 'root' } as const;

  test.each([
    ['nested', until],
    ['savepoint', {}],
  ] as const)(
    'items that have left the middle of the queue of a %s one do not stop the others',
    async (nesting, options) => {
      const ran: string[] = [];
      const { report } = await settleOperation(() =>
        withOperation({ nesting }, () => {
          defer(() => ran.push('a'), options);
          defer(() => ran.push('never'), { ...options, key: 'cache' });
          defer(() => ran.push('cancelled'), options).cancel();
          defer(() => ran.push('b'), options);
          defer(() => ran.push('c'), { ...options, key: 'cache' });
          defer(() => ran.push('d'), options);
        }),
      );
      expect(ran).toEqual(['a', 'b', 'c', 'd']);
      expect(report.counts.ran).toBe(4);
    },
  );

  test('a discard that cancels another twin loses none that still waits', async () => {
    const log: string[] = [];
    const handles: Record<string, Deferred> = {};
    const gates: (() => void)[] = [];
    await withOperation(async () => {
      const middle = (name: string, discard?: () => unknown): Promise<unknown> =>
        withOperation(async () => {
          await nested(() => {
            handles[name] = defer(() => log.push(`ran ${name}`), {
              ...until,
              key: 'k',
              on: 'success',
              ...(discard && { discard }),
            });
          });
          await new Promise<void>((resolve) => gates.push(resolve));
        });
      const all = Promise.all([middle('a', () => handles['c']?.cancel()), middle('b'), middle('c')]);
      await turn();
      await turn();
      for (const open of gates) open();
      await all;
    });
    expect(log).toEqual(['ran b']);
    expect(['a', 'b', 'c'].map((name) => handles[name]?.state)).toEqual(['replaced', 'ran', 'cancelled']);
  });

  test('a merge that ends the operation abandons the item, and none is lost', async () => {
    const stop = new AbortController();
    let item: Deferred | undefined;
    const { report } = await settleOperation({ drainSignal: stop.signal }, () => {
      defer(async () => {
        const put = (data: number, coalesce: (a: number, b: number) => number): Promise<unknown> =>
          nested(() => {
            item = defer(() => {}, { ...until, key: 'k', data, coalesce });
          });
        const merge = (a: number, b: number): number => {
          stop.abort('stop');
          return a + b;
        };
        await put(1, merge);
        await put(2, merge);
      });
    });
    expect(item?.state).toBe('abandoned');
    expect((await item?.settled)?.state).toBe('abandoned');
    expect(report.registered).toBe(Object.values(report.counts).reduce((sum, count) => sum + count, 0));
  });

  test('an item that its own merge cancels is cancelled once', async () => {
    const heard: unknown[] = [];
    await withOperation({ onWorkError: (error) => heard.push(error), workErrors: 'report' }, async (root) => {
      let handle: Deferred | undefined;
      const put = (coalesce?: () => undefined): Promise<unknown> =>
        nested(() => {
          const deferred = defer(() => {}, { ...until, key: 'k', ...(coalesce && { coalesce }) });
          if (coalesce) handle = deferred;
        });
      await put();
      await put(() => {
        expect(handle?.cancel()).toBe(true);
        return undefined;
      });
      expect([handle?.state, root.pending]).toEqual(['cancelled', 1]);
      await put(() => {
        handle?.cancel();
        throw 'bad';
      });
      expect([handle?.state, root.pending]).toEqual(['cancelled', 1]);
    });
    expect(heard).toEqual(['bad']);
  });

  test('an item that the discard of its twin cancels has left the queue', async () => {
    let later: Deferred | undefined;
    const { report } = await settleOperation(async (root) => {
      await nested(() => void defer(() => {}, { ...until, key: 'k', discard: () => later?.cancel() }));
      await nested(() => {
        later = defer(() => {}, { ...until, key: 'k' });
      });
      expect([later?.state, root.pending]).toEqual(['cancelled', 0]);
      await nested(() => void defer(() => {}, { ...until, key: 'k' }));
    });
    expect(report).toMatchObject({ registered: 3, counts: { ran: 1, replaced: 1, cancelled: 1 } });
  });

  test("an until: 'root' item of the root becomes one with both kinds of twins", async () => {
    const log: string[] = [];
    await withOperation(async () => {
      await nested(() => void defer(() => log.push('promoted'), { ...until, key: 'k' }));
      defer(() => log.push('own'), { key: 'k' });
      defer(() => log.push('root'), { ...until, key: 'k' });
    });
    expect(log).toEqual(['root']);
  });
});
