import {
  createRuntime,
  currentOperation,
  defer,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, OperationReport, Outcome, WorkReport } from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';
import { gate, settleMicrotasks, turn } from '../support/gate.js';

const counts = (some: Partial<OperationReport['counts']>): OperationReport['counts'] => ({
  ran: 0,
  failed: 0,
  'timed-out': 0,
  skipped: 0,
  cancelled: 0,
  replaced: 0,
  abandoned: 0,
  promoted: 0,
  ...some,
});

describe('G16 condition', () => {
  test.each([
    ['fulfilled', ['success', 'always'], ['failure']],
    ['rejected', ['failure', 'always'], ['success']],
  ] as const)('when the function %s, %j work runs and %j work is discarded', async (status, runs, skips) => {
    const ran: string[] = [];
    const discarded: unknown[] = [];
    const outcomes: (Outcome | undefined)[] = [];
    const reason = new Error('no');
    const { outcome, report } = await settleOperation({ report: 'full' }, async () => {
      for (const on of ['success', 'failure', 'always'] as const) {
        defer((work) => void (ran.push(on), outcomes.push(work.outcome)), {
          on,
          name: on,
          data: { on },
          discard: (...args) => discarded.push(args),
        });
      }
      await Promise.resolve();
      if (status === 'rejected') throw reason;
      return 'value';
    });
    expect(ran).toEqual(runs);
    expect(discarded).toEqual(skips.map((on) => ['skipped', { on }]));
    for (const seen of outcomes) {
      expect(seen).toEqual(outcome);
      expect(Object.isFrozen(seen)).toBe(true);
    }
    expect(outcome).toEqual(status === 'rejected' ? { status, reason } : { status, value: 'value' });
    expect(report.outcome).toBe(status === 'rejected' ? 'failure' : 'success');
    expect(report.counts).toEqual(counts({ ran: 2, skipped: 1 }));
  });

  test('a function that throws synchronously is a failure', async () => {
    const { outcome } = await settleOperation('operation', () => {
      throw 'thrown';
    });
    expect(outcome).toEqual({ status: 'rejected', reason: 'thrown' });
  });

  test('a work is skipped in its turn, not before', async () => {
    const order: string[] = [];
    await withOperation(() => {
      defer(() => order.push('first'));
      defer(() => {}, {
        on: 'failure',
        discard: async () => {
          await Promise.resolve();
          order.push('discarded');
        },
      });
      defer(() => order.push('last'));
    });
    expect(order).toEqual(['first', 'discarded', 'last']);
  });
});

describe('G17 nesting', () => {
  test("a nested operation has a boundary of its own and never touches its parent's queue", async () => {
    const ran: string[] = [];
    await withOperation('outer', async (outer) => {
      defer(() => ran.push('outer'));
      await withOperation('inner', (inner) => {
        expect(inner.parent).toBe(outer);
        expect(inner.root).toBe(outer);
        defer(() => ran.push('inner'));
        expect([inner.pending, outer.pending]).toEqual([1, 1]);
      });
      ran.push('inner closed');
    });
    expect(ran).toEqual(['inner', 'inner closed', 'outer']);
  });

  test("an inner failure that the outer function catches is not the outer's", async () => {
    const ran: string[] = [];
    const { outcome } = await settleOperation('outer', async () => {
      await withOperation('inner', () => {
        defer(() => ran.push('inner failure'), { on: 'failure' });
        throw new Error('inner');
      }).catch(() => {});
      defer(() => ran.push('outer success'), { on: 'success' });
    });
    expect(outcome.status).toBe('fulfilled');
    expect(ran).toEqual(['inner failure', 'outer success']);
  });

  test('works in a task, in a work and in a task of a work can open nested operations', async () => {
    const ran: string[] = [];
    const nested = (name: string): Promise<void> =>
      withOperation(name, (operation) => {
        defer(() => ran.push(`${operation.parent?.name}/${name}`));
      });
    await withOperation('outer', async () => {
      await withTask('task', () => nested('in a task'));
      defer(() => nested('in a work'));
      await withTask('other', () => void defer(() => withTask('deep', () => nested('deep'))));
    });
    expect(ran).toEqual(['outer/in a task', 'outer/deep', 'outer/in a work']);
  });

  test('join runs inside the enclosing operation, and opens a root where there is none', async () => {
    const ran: string[] = [];
    const joined = (): Promise<number> =>
      withOperation({ nesting: 'join', name: 'joined', order: 'lifo' }, (operation) => {
        defer(() => ran.push(`1 in ${currentOperation()?.name}`));
        defer(() => ran.push(`2 in ${currentOperation()?.name}`));
        return operation.id;
      });
    await withOperation('outer', async (outer) => {
      expect(await joined()).toBe(outer.id);
      expect(ran).toEqual([]);
    });
    expect(ran).toEqual(['1 in outer', '2 in outer']);
    await joined();
    expect(ran.slice(2)).toEqual(['2 in joined', '1 in joined']);
  });

  test.each([
    { nesting: 'nested', parent: 'outer', when: ['nested', 'outer'] },
    { nesting: 'join', parent: undefined, when: ['outer', 'nested'] },
    { nesting: 'detached', parent: undefined, when: ['nested', 'outer'] },
  ] as const)(
    'a function alone is nested as the runtime says: $nesting',
    async ({ nesting, parent, when }) => {
      const runtime = createRuntime({ defaults: { nesting } });
      const ran: string[] = [];
      await runtime.withOperation('outer', async (outer) => {
        runtime.defer(() => ran.push('outer'));
        await runtime.withOperation((operation) => {
          expect(operation === outer).toBe(nesting === 'join');
          expect(operation.parent?.name).toBe(parent);
          runtime.defer(() => ran.push('nested'));
        });
        expect(ran).toEqual(nesting === 'join' ? [] : ['nested']);
      });
      expect(ran).toEqual(when);
    },
  );

  test('a joined function is waited for, and its rejection is its own', async () => {
    const slow = gate();
    const ran: string[] = [];
    const reason = new Error('joined');
    const operation = withOperation(async () => {
      void withOperation({ nesting: 'join' }, async () => {
        await slow.passed;
        defer(() => ran.push('late'));
      });
      await expect(withOperation({ nesting: 'join' }, () => Promise.reject(reason))).rejects.toBe(reason);
      await expect(
        withOperation({ nesting: 'join' }, () => {
          throw reason;
        }),
      ).rejects.toBe(reason);
      return 'fine';
    });
    await settleMicrotasks();
    slow.open();
    expect(await operation).toBe('fine');
    expect(ran).toEqual(['late']);
  });

  test('settleOperation with join reports on the enclosing operation so far', async () => {
    await withOperation('outer', async (outer) => {
      defer(() => {}).cancel();
      const { outcome, report } = await settleOperation({ nesting: 'join' }, () => {
        defer(() => {});
        return 1;
      });
      expect(outcome).toEqual({ status: 'fulfilled', value: 1 });
      expect(report).toMatchObject({ id: outer.id, name: 'outer', outcome: 'success', registered: 2 });
      expect(report.counts).toEqual(counts({ cancelled: 1 }));
      const failed = await settleOperation({ nesting: 'join' }, () => Promise.reject(new Error('no')));
      expect(failed.outcome.status).toBe('rejected');
      expect(failed.report.outcome).toBe('success');
    });
  });

  test('detached starts a new root that nobody waits for', async () => {
    const slow = gate();
    const ran: string[] = [];
    let detached: Promise<void> | undefined;
    await withOperation('outer', () => {
      detached = withOperation({ name: 'detached', nesting: 'detached' }, async (operation) => {
        expect(operation.parent).toBeUndefined();
        expect(operation.root).toBe(operation);
        defer(() => ran.push('detached'), { until: 'root' });
        await slow.passed;
      });
    });
    expect(ran).toEqual([]);
    slow.open();
    await detached;
    expect(ran).toEqual(['detached']);
  });
});

describe('G18 root', () => {
  const mixes = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 4, bits & 2, bits & 1].map(Boolean));

  test.each(mixes)('over three levels, failing (root, middle, inner): %s %s %s', async (...fails) => {
    const ran: string[] = [];
    const discarded: string[] = [];
    const [rootFails, middleFails, innerFails] = fails;
    const failure = fails.some(Boolean);
    const innermost = innerFails ? 'inner' : middleFails ? 'middle' : 'root';
    const level = async (name: string, fail: boolean | undefined, inside: () => unknown): Promise<string> => {
      await inside();
      if (fail) throw name;
      return name;
    };
    let seen: Outcome | undefined;
    await settleOperation('root', () =>
      level('root', rootFails, async () => {
        await settleOperation('middle', () =>
          level('middle', middleFails, () =>
            settleOperation('inner', () =>
              level('inner', innerFails, () => {
                for (const on of ['success', 'failure', 'always'] as const) {
                  defer((work) => void (ran.push(on), (seen = work.outcome)), {
                    on,
                    until: 'root',
                    discard: () => discarded.push(on),
                  });
                }
              }),
            ),
          ),
        );
        expect(ran).toEqual([]);
      }),
    );
    expect(ran).toEqual([failure ? 'failure' : 'success', 'always']);
    expect(discarded).toEqual([failure ? 'success' : 'failure']);
    expect(seen).toEqual(
      failure ? { status: 'rejected', reason: innermost } : { status: 'fulfilled', value: 'root' },
    );
  });

  test('a promoted work goes to the tail of the own queue of the root, in registration order', async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      defer(() => ran.push('root 1'));
      await withOperation({ order: 'lifo' }, async () => {
        await withTask('task', () => void defer(() => ran.push('promoted 1'), { until: 'root' }));
        defer(() => ran.push('promoted 2'), { until: 'root' });
        defer(() => ran.push('promoted 3'), { until: 'root' });
        defer(() => ran.push('inner'));
      });
      defer(() => ran.push('root 2'));
    });
    expect(ran).toEqual(['inner', 'root 1', 'promoted 1', 'promoted 2', 'promoted 3', 'root 2']);
  });

  test('every ledger on the way counts it, pending counts it where it waits, and its handle follows it', async () => {
    const reports: OperationReport[] = [];
    let deferred: Deferred | undefined;
    const { report } = await settleOperation({ name: 'root', report: 'full' }, async (root) => {
      reports.push(
        (
          await settleOperation({ name: 'middle', report: 'full' }, async (middle) => {
            reports.push(
              (
                await settleOperation({ name: 'inner', report: 'full' }, (inner) => {
                  deferred = defer(() => {}, { until: 'root', name: 'work', key: 'k' });
                  expect([inner.pending, middle.pending, root.pending]).toEqual([1, 0, 0]);
                })
              ).report,
            );
            expect([middle.pending, root.pending]).toEqual([0, 1]);
            expect(deferred?.state).toBe('queued');
          })
        ).report,
      );
    });
    const promoted = {
      registered: 1,
      counts: counts({ promoted: 1 }),
      works: [{ name: 'work', state: 'promoted', key: 'k' }],
    };
    expect(reports[0]).toMatchObject(promoted);
    expect(reports[1]).toMatchObject(promoted);
    expect(report).toMatchObject({
      registered: 1,
      counts: counts({ ran: 1 }),
      works: [{ name: 'work', state: 'ran', key: 'k' }],
    });
    expect(deferred?.state).toBe('ran');
    const times = { waited: expect.any(Number), took: expect.any(Number) };
    expect(await deferred?.settled).toEqual({ name: 'work', state: 'ran', key: 'k', ...times });
  });

  test('maxPending of the root does not refuse it, and it can be cancelled and flushed there', async () => {
    const ran: string[] = [];
    await withOperation({ maxPending: 1 }, async (root) => {
      defer(() => ran.push('root'));
      let cancelled: Deferred | undefined;
      await withOperation(() => {
        cancelled = defer(() => ran.push('cancelled'), { until: 'root' });
        defer(() => ran.push('flushed'), { until: 'root' });
      });
      expect(root.pending).toBe(3);
      expect(cancelled?.cancel()).toBe(true);
      expect(await root.flush()).toBe(2);
    });
    expect(ran).toEqual(['root', 'flushed']);
  });

  test.each(['success', 'failure', 'always'] as const)(
    'a promoted %s work waits for every operation on its way, also where the root drains already',
    async (on) => {
      const ran: string[] = [];
      const slow = gate();
      const reason = new Error('rollback');
      const operation = withOperation('root', () => {
        defer(() => {
          void withTask('background', () =>
            withOperation('middle', async () => {
              await withOperation('inner', () => {
                defer((work) => ran.push(`${on} ${work.outcome?.status}`), {
                  until: 'root',
                  on,
                  discard: () => ran.push('discarded'),
                });
              });
              await slow.passed;
              throw reason;
            }).catch(() => {}),
          );
        });
        defer(() => ran.push('root'));
      });
      await settleMicrotasks();
      expect(ran).toEqual(['root']);
      slow.open();
      await operation;
      expect(ran.slice(1)).toEqual([on === 'success' ? 'discarded' : `${on} rejected`]);
    },
  );

  test("work promoted while the root drains runs in the same drain, and its failures are the root's", async () => {
    const error = new Error('promoted');
    const heard: unknown[] = [];
    const { report } = await settleOperation({ onWorkError: (thrown) => heard.push(thrown) }, () => {
      defer(() =>
        withOperation({ onWorkError: () => heard.push('inner') }, () => {
          defer(
            () => {
              throw error;
            },
            { until: 'root' },
          );
        }),
      );
    });
    expect(heard).toEqual([error]);
    expect(report.counts).toEqual(counts({ ran: 1, failed: 1 }));
  });
});

describe('G19 run or discard', () => {
  test('works without options that are cancelled between others are not run, and those are', async () => {
    const ran: number[] = [];
    const { report } = await settleOperation('cancelling', () => {
      const works = [0, 1, 2, 3, 4].map((index) => defer(() => void ran.push(index)));
      expect([1, 3, 4].map((index) => works[index]!.cancel())).toEqual([true, true, true]);
      defer(() => {
        ran.push(5);
        expect(works.map(({ state }) => state)).toEqual([
          'ran',
          'cancelled',
          'ran',
          'cancelled',
          'cancelled',
        ]);
      });
    });
    expect(ran).toEqual([0, 2, 5]);
    expect(report.counts).toMatchObject({ ran: 3, cancelled: 3 });
  });

  test('exactly one of run and discard is entered, in every end state that there is', async () => {
    const entered: string[] = [];
    const work = (name: string): [() => void, { name: string; discard: (reason: string) => void }] => [
      () => void entered.push(`run ${name}`),
      { name, discard: (reason) => void entered.push(`${reason} ${name}`) },
    ];
    const defers = (name: string, options: object = {}, fail = false): Deferred => {
      const [run, own] = work(name);
      return defer(
        () => {
          run();
          if (fail) throw new Error(name);
        },
        { ...own, ...options },
      );
    };
    const { report } = await settleOperation({ report: 'full' }, async () => {
      defers('ran');
      defers('failed', {}, true);
      defers('skipped', { on: 'failure' });
      defers('cancelled').cancel();
      defers('replaced', { key: 'k' });
      defers('replacing', { key: 'k' });
      defers('aborted', { signal: AbortSignal.abort() });
      await withOperation(() => void defers('promoted', { until: 'root' }));
    });
    expect(entered).toEqual([
      'cancelled cancelled',
      'replaced replaced',
      'cancelled aborted',
      'run ran',
      'run failed',
      'skipped skipped',
      'run replacing',
      'run promoted',
    ]);
    expect(report.counts).toEqual(counts({ ran: 3, failed: 1, skipped: 1, cancelled: 2, replaced: 1 }));
    expect(report.works?.map((row) => `${row.state} ${row.name}`)).toEqual([
      'cancelled cancelled',
      'replaced replaced',
      'cancelled aborted',
      'ran ran',
      'failed failed',
      'skipped skipped',
      'ran replacing',
      'ran promoted',
    ]);
  });

  test('cancel is true exactly when the work was still queued', async () => {
    const slow = gate();
    const ran: string[] = [];
    const handles: Deferred[] = [];
    const operation = withOperation(() => {
      handles.push(defer(() => slow.passed));
      handles.push(defer(() => ran.push('second')));
    });
    await settleMicrotasks();
    expect(handles.map((handle) => handle.state)).toEqual(['running', 'queued']);
    expect(handles.map((handle) => handle.cancel())).toEqual([false, true]);
    expect(handles[1]?.cancel()).toBe(false);
    slow.open();
    await operation;
    expect(handles.map((handle) => handle.state)).toEqual(['ran', 'cancelled']);
    expect(handles.map((handle) => handle.cancel())).toEqual([false, false]);
    expect(ran).toEqual([]);
  });

  test('a signal cancels a queued work with its reason, and one already aborted gives a cancelled handle', async () => {
    const controller = new AbortController();
    const discarded = vi.fn();
    const reason = new Error('stop');
    await withOperation(async (operation) => {
      const queued = defer(() => {}, {
        signal: controller.signal,
        discard: discarded,
        data: { id: 1 },
        name: 'queued',
      });
      controller.abort(reason);
      expect(queued.state).toBe('cancelled');
      expect(discarded).toHaveBeenCalledWith('cancelled', { id: 1 });
      expect(await queued.settled).toEqual({ name: 'queued', state: 'cancelled', reason });
      const late = defer(() => {}, { signal: controller.signal, discard: discarded, data: { id: 2 } });
      expect(late.state).toBe('cancelled');
      expect(late.cancel()).toBe(false);
      expect(discarded).toHaveBeenCalledTimes(2);
      expect(operation.pending).toBe(0);
    });
  });

  test('one signal may belong to any number of works, operations and tasks without a warning', async () => {
    const warnings: unknown[] = [];
    const listen = (warning: unknown): number => warnings.push(warning);
    process.on('warning', listen);
    const controller = new AbortController();
    const { signal } = controller;
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const { report } = await settleOperation({ signal }, async (operation) => {
      for (let index = 0; index < 20; index++) defer(() => {}, { signal });
      await Promise.all(
        Array.from({ length: 20 }, () => withTask('task', (task) => expect(task.signal.aborted).toBe(false))),
      );
      const kept = defer((work) => expect(work.signal.aborted).toBe(false));
      expect(operation.signal.aborted).toBe(false);
      controller.abort();
      expect(operation.signal.aborted).toBe(true);
      expect(kept.state).toBe('queued');
    });
    expect(report.counts).toEqual(counts({ ran: 1, cancelled: 20 }));
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledTimes(1);
    await turn();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test('the drain waits for the discard of a cancelled work', async () => {
    const slow = gate();
    const order: string[] = [];
    const operation = withOperation(() => {
      use({ [Symbol.dispose]: () => void order.push('resource') });
      defer(() => order.push('work'));
      defer(() => {}, { discard: () => slow.passed.then(() => order.push('discarded')) }).cancel();
    });
    await settleMicrotasks();
    expect(order).toEqual(['work']);
    slow.open();
    await operation;
    expect(order).toEqual(['work', 'discarded', 'resource']);
  });

  test('a failing discard is a failure of the work and does not change its state', async () => {
    const error = new Error('discard');
    const heard: [unknown, WorkReport][] = [];
    const { report } = await settleOperation(
      { onWorkError: (thrown, work) => heard.push([thrown, work]) },
      () => {
        defer(() => {}, { name: 'skipped', on: 'failure', discard: () => Promise.reject(error) });
        defer(() => {}, {
          name: 'cancelled',
          discard: () => {
            throw error;
          },
        }).cancel();
      },
    );
    expect(report.counts).toEqual(counts({ skipped: 1, cancelled: 1 }));
    expect(heard).toEqual([
      [error, { name: 'cancelled', state: 'cancelled' }],
      [error, { name: 'skipped', state: 'skipped' }],
    ]);
  });
});

describe('G22 ledger', () => {
  test('settled resolves with what became of the work, asked for before or after', async () => {
    const error = new Error('no');
    const handles: Deferred[] = [];
    const before: Promise<WorkReport>[] = [];
    await settleOperation('operation', async () => {
      await withTask('task', () => {
        handles.push(defer(() => {}, { name: 'ran', key: 1 }));
      });
      handles.push(defer(() => Promise.reject(error), { name: 'failed' }));
      before.push(...handles.map((handle) => handle.settled));
    });
    const expected = [
      { name: 'ran', state: 'ran', task: 'task', key: 1 },
      { name: 'failed', state: 'failed', reason: error },
    ];
    expect(await Promise.all(before)).toEqual(expected);
    expect(await Promise.all(handles.map((handle) => handle.settled))).toEqual(expected);
  });

  test('reports are frozen plain data', async () => {
    const { report } = await settleOperation(
      { name: 'operation', report: 'full' },
      () => void defer(() => {}),
    );
    expect(structuredClone(report)).toEqual(report);
    for (const part of [report, report.counts, report.works, report.works?.[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    const bare = await settleOperation('operation', () => {});
    expect(bare.report).toEqual({
      id: expect.any(Number),
      name: 'operation',
      outcome: 'success',
      registered: 0,
      counts: counts({}),
    });
  });

  test('an open operation that is closed without work has an empty report', async () => {
    expect(await openOperation({ report: 'full' }).close()).toMatchObject({ registered: 0, works: [] });
  });
});
