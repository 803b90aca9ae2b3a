import {
  configure,
  currentOperation,
  currentTask,
  defer,
  flush,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, Operation, OperationReport } from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';
import { gate, turn } from '../support/gate.js';
import { catchWarnings } from '../support/warnings.js';

catchWarnings();

const savepoint = { nesting: 'savepoint' } as const;
const fails = async (): Promise<never> => {
  throw new Error('rolled back');
};
const swallow = (): undefined => undefined;

describe('G17 savepoints', () => {
  test('work of a savepoint waits for the boundary of the enclosing operation', async () => {
    const log: string[] = [];
    await withOperation('outer', async (outer) => {
      defer(() => log.push('before'));
      await withOperation(savepoint, (inner) => {
        expect([inner.parent, inner.root, currentOperation(), currentTask()]).toEqual([
          outer,
          outer,
          inner,
          undefined,
        ]);
        defer(() => void log.push(`inside, in ${currentOperation()?.name}`));
      });
      log.push('after the savepoint');
      defer(() => log.push('after'));
    });
    expect(log).toEqual(['after the savepoint', 'before', 'inside, in outer', 'after']);
  });

  test.each([
    ['both succeed', false, false, ['success', 'always']],
    ['the savepoint fails', true, false, ['failure', 'always']],
    ['the enclosing operation fails', false, true, ['failure', 'always']],
    ['both fail', true, true, ['failure', 'always']],
  ])('success means that both succeeded: %s', async (_what, isInner, isOuter, expected) => {
    const ran: string[] = [];
    await settleOperation(async () => {
      await withOperation(savepoint, () => {
        for (const on of ['success', 'failure', 'always'] as const) defer(() => ran.push(on), { on });
        return isInner ? fails() : undefined;
      }).catch(swallow);
      if (isOuter) throw new Error('outer');
    });
    expect(ran).toEqual(expected);
  });

  test('its work sees the outcome of the innermost that failed, else that of the enclosing operation', async () => {
    const seen: unknown[] = [];
    await withOperation(async () => {
      await withOperation(savepoint, () => void defer((work) => seen.push(work.outcome)));
      await withOperation(savepoint, async () => {
        await withOperation(savepoint, () => void defer((work) => seen.push(work.outcome)));
        return fails();
      }).catch(swallow);
      return 'value';
    });
    expect(seen).toEqual([
      { status: 'fulfilled', value: 'value' },
      { status: 'rejected', reason: expect.objectContaining({ message: 'rolled back' }) },
    ]);
  });

  test('one with nothing around it is a root', async () => {
    const ran: string[] = [];
    const { report } = await settleOperation({ ...savepoint, order: 'lifo' }, (operation) => {
      expect(operation.parent).toBeUndefined();
      for (const name of ['a', 'b']) defer(() => ran.push(name));
    });
    expect(ran).toEqual(['b', 'a']);
    expect(report.counts.ran).toBe(2);
  });

  test('it is sealed when its function, tasks and nested operations have settled', async () => {
    const [task, nested] = [gate(), gate()];
    let inner: Operation | undefined;
    await withOperation(async () => {
      const settled = withOperation(savepoint, (operation) => {
        inner = operation;
        void withTask(() => task.passed);
        void withOperation(() => nested.passed);
      });
      await turn();
      expect(inner?.state).toBe('open');
      task.open();
      await turn();
      expect(inner?.state).toBe('open');
      nested.open();
      await settled;
      expect(inner?.state).toBe('closed');
      expect(() => inner?.defer(() => {})).toThrow(
        expect.objectContaining({ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' }),
      );
    });
  });

  test('work and resources go over in the order in which it got them, also from its tasks', async () => {
    const log: string[] = [];
    const resource = (name: string): Disposable => ({
      [Symbol.dispose]: () => void log.push(`dispose ${name}`),
    });
    await withOperation({ order: 'fifo' }, async () => {
      use(resource('outer'));
      await withTask('around', async () => {
        await withOperation(savepoint, async () => {
          defer(() => log.push('1'));
          use(resource('first'));
          await withTask(() => void defer(() => log.push(`2 in ${currentTask()?.name}`)));
          defer(() => log.push('3'), { until: 'root' });
          await withOperation(savepoint, () => void defer(() => log.push('4')));
          use(resource('second'));
          defer(() => log.push('5'));
        });
        defer(() => log.push('of the task'));
      });
    });
    expect(log).toEqual([
      'of the task',
      '1',
      '2 in undefined',
      '3',
      '4',
      '5',
      'dispose second',
      'dispose first',
      'dispose outer',
    ]);
  });

  test('every ledger on the way counts its work, and the handle follows it', async () => {
    const reports: OperationReport[] = [];
    let handle: Deferred | undefined;
    const { report } = await settleOperation(async (outer) => {
      const middle = await settleOperation(savepoint, async () => {
        const inner = await settleOperation(savepoint, (operation) => {
          handle = defer(() => {}, { name: 'mail' });
          expect([operation.pending, outer.pending]).toEqual([1, 0]);
        });
        reports.push(inner.report);
      });
      reports.push(middle.report);
      expect([outer.pending, handle?.state]).toEqual([1, 'queued']);
    });
    expect(reports.map(({ registered, counts }) => [registered, counts.promoted])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect([report.registered, report.counts.ran, handle?.state]).toEqual([1, 1, 'ran']);
  });

  test('what is queued in it counts for the maxPending of the enclosing operation', async () => {
    await withOperation({ maxPending: 2 }, async () => {
      defer(() => {});
      await withOperation(savepoint, async () => {
        defer(() => {});
        expect(() => defer(() => {})).toThrow(expect.objectContaining({ maxPending: 2 }));
        await withOperation({ ...savepoint, maxPending: 0 }, () => {
          expect(() => defer(() => {})).toThrow(expect.objectContaining({ maxPending: 0 }));
        });
        expect(await flush()).toBe(1);
        defer(() => {});
      });
      expect(() => defer(() => {})).toThrow(expect.objectContaining({ maxPending: 2 }));
    });
  });

  test('its early drains are its own, with their failures', async () => {
    const error = new Error('flushed');
    const outer = await settleOperation(async () => {
      const thrown = await withOperation({ ...savepoint, concurrency: 5 }, async () => {
        defer(() => Promise.reject(error), { name: 'mail' });
        defer(() => {}, { on: 'success' });
        expect(await flush()).toBe(1);
      }).catch((reason: unknown) => reason);
      expect(thrown).toMatchObject({ code: 'ERR_DEFERQUEUE_DEFERRED_WORK', errors: [error] });
    });
    expect(outer.report.counts).toMatchObject({ ran: 1, failed: 0 });
  });

  test('failures of its work at the boundary are those of the enclosing operation', async () => {
    const heard: unknown[] = [];
    const onWorkError = vi.fn();
    await withOperation(
      {
        workErrors: 'report',
        onWorkError: (error, _work, { name }) => heard.push([error, name]),
        name: 'outer',
      },
      () =>
        withOperation({ ...savepoint, onWorkError }, () => {
          defer(() => {
            throw 'no';
          });
        }),
    );
    expect(heard).toEqual([['no', 'outer']]);
    expect(onWorkError).not.toHaveBeenCalled();
  });

  test('a pending discard of it is waited for', async () => {
    const discarding = gate();
    let isOver = false;
    await withOperation(async () => {
      const settled = withOperation(savepoint, () => {
        defer(() => {}, { discard: () => discarding.passed }).cancel();
      }).then(() => (isOver = true));
      await turn();
      expect(isOver).toBe(false);
      discarding.open();
      await settled;
    });
  });

  test('in an open operation that opens it with openOperation it is handed over by close', async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      const open = openOperation(savepoint);
      open.defer(() => ran.push('mail'), { on: 'success' });
      open.defer(() => ran.push('undo'), { on: 'failure' });
      open.fail(new Error('no'));
      await open.close();
      expect(ran).toEqual([]);
    });
    expect(ran).toEqual(['undo']);
  });

  test('what it has when the enclosing operation was terminated is abandoned, and its resources disposed', async () => {
    const log: string[] = [];
    const body = gate();
    let inner: Promise<unknown> | undefined;
    const outer = withOperation({ drainTimeout: 5 }, () => {
      defer(async () => {
        inner = settleOperation(savepoint, async () => {
          defer(() => log.push('never'), { discard: (reason) => void log.push(reason) });
          use({ [Symbol.dispose]: () => void log.push('disposed') });
          await body.passed;
        });
        await inner;
      });
    });
    await expect(outer).rejects.toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' });
    body.open();
    await expect(inner).resolves.toMatchObject({ report: { counts: { abandoned: 1 } } });
    expect(log).toEqual(['abandoned', 'disposed']);
  });

  test('it accepts nothing more when the enclosing operation was terminated', async () => {
    const log: string[] = [];
    const body = gate();
    let inner: Promise<unknown> | undefined;
    const outer = withOperation({ name: 'outer', drainTimeout: 5 }, () => {
      defer(() => {
        inner = withOperation(savepoint, async () => {
          await body.passed;
          expect(() => defer(() => {})).toThrow(/operation "outer" .* was terminated/);
          expect(() => use({ [Symbol.dispose]: () => void log.push('disposed') })).toThrow(/"outer"/);
        });
        return inner;
      });
    });
    await expect(outer).rejects.toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' });
    body.open();
    await inner;
    expect(log).toEqual(['disposed']);
  });

  test('order, concurrency, drainTimeout and drainSignal have no effect in one that is not a root', async () => {
    const log: number[] = [];
    await withOperation(() =>
      withOperation(
        {
          ...savepoint,
          order: 'lifo',
          concurrency: Infinity,
          drainTimeout: 0.001,
          drainSignal: AbortSignal.abort(),
        },
        async () => {
          for (const index of [1, 2]) {
            defer(async () => {
              await turn();
              log.push(index);
            });
          }
          await turn();
        },
      ),
    );
    expect(log).toEqual([1, 2]);
  });
});

describe('G17 the error policy of nested operations', () => {
  test.each(['nested', 'savepoint'] as const)(
    'is inherited by a %s one unless it is given',
    async (nesting) => {
      const heard: string[] = [];
      const hear =
        (who: string) =>
        (error: unknown): void =>
          void heard.push(`${who}: ${String(error)}`);
      const failing = (name: string) => async (): Promise<void> => {
        defer(() => Promise.reject(name));
        await flush();
      };
      await withOperation({ workErrors: 'report', onWorkError: hear('outer') }, async () => {
        await withOperation({ nesting }, failing('a'));
        await withOperation({ nesting, onWorkError: hear('own') }, failing('b'));
        const thrown = withOperation({ nesting, workErrors: 'throw' }, failing('c'));
        await expect(thrown).rejects.toMatchObject({ errors: ['c'] });
        const detached = withOperation({ nesting: 'detached' }, failing('d'));
        await expect(detached).rejects.toMatchObject({ errors: ['d'] });
      });
      expect(heard).toEqual(['outer: a', 'own: b', 'outer: c']);
    },
  );

  test('comes before the defaults of the runtime, which come before those of the library', async () => {
    const heard: unknown[] = [];
    const restore = configure({ workErrors: 'report', onWorkError: (error) => heard.push(error) });
    try {
      await withOperation(async () => {
        await withOperation(() => void defer(() => Promise.reject('a')));
        const inner = configure({ workErrors: 'throw' });
        await withOperation(() => void defer(() => Promise.reject('b')));
        inner();
      });
    } finally {
      restore();
    }
    expect(heard).toEqual(['a', 'b']);
  });
});
