import {
  currentOperation,
  currentTask,
  defer,
  DeferChainError,
  DrainInProgressError,
  flush,
  NoTaskError,
  openOperation,
  OperationClosedError,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Operation, OperationOptions, Task } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate, settleMicrotasks, turn } from '../support/gate.js';
import { busy } from '../support/time-of-drains.js';

describe('G6 boundary', () => {
  test('comes when the function, every task and every nested operation have settled', async () => {
    const [task, nested] = [gate(), gate()];
    const ran: string[] = [];
    let settled = false;
    const operation = withOperation((current) => {
      defer(() => ran.push('work'));
      void withTask('task', () => task.passed);
      void withOperation('nested', () => nested.passed);
      return current;
    });
    void operation.then(() => (settled = true));
    await settleMicrotasks();
    expect(ran).toEqual([]);
    task.open();
    await settleMicrotasks();
    expect(ran).toEqual([]);
    nested.open();
    const current = await operation;
    expect(ran).toEqual(['work']);
    expect(settled).toBe(true);
    expect(current.state).toBe('closed');
  });

  test('what somebody does as soon as an unawaited task has settled still comes before the boundary', async () => {
    const ran: string[] = [];
    const slow = gate();
    const operation = withOperation(() => {
      void withTask('task', () => slow.passed).then(() => defer(() => ran.push('then')));
      void (async () => {
        await withOperation('nested', () => slow.passed);
        defer(() => ran.push('await'));
      })();
    });
    slow.open();
    await operation;
    expect(ran.toSorted()).toEqual(['await', 'then']);
  });

  test('waits for what was started while it waited', async () => {
    const [first, second] = [gate(), gate()];
    const ran: string[] = [];
    const operation = withOperation(() => {
      void withTask('first', async () => {
        await first.passed;
        void withTask('second', async () => {
          await second.passed;
          defer(() => ran.push('late work'));
        });
      });
    });
    first.open();
    await settleMicrotasks();
    second.open();
    await operation;
    expect(ran).toEqual(['late work']);
  });

  test('a task that nobody awaited may defer late', async () => {
    const late = gate();
    const ran: string[] = [];
    const operation = withOperation(() => {
      void withTask('unawaited', async () => {
        await late.passed;
        defer(() => ran.push('late'));
      });
      return 'value';
    });
    late.open();
    expect(await operation).toBe('value');
    expect(ran).toEqual(['late']);
  });

  test('a rejecting function aborts the signal with its reason, and the boundary still waits for the rest', async () => {
    const reason = new Error('no');
    const task = gate();
    const ran: string[] = [];
    let signal: AbortSignal | undefined;
    const operation = withOperation((current) => {
      defer(() => ran.push('work'));
      void withTask('task', async () => {
        signal = current.signal;
        await task.passed;
        ran.push('task');
      });
      throw reason;
    });
    await expect(Promise.race([operation, settleMicrotasks()])).resolves.toBeUndefined();
    expect(signal?.reason).toBe(reason);
    expect(ran).toEqual([]);
    task.open();
    await expect(operation).rejects.toBe(reason);
    expect(ran).toEqual(['task', 'work']);
  });

  test.each([
    ['undefined', undefined],
    ['a string', 'reason'],
    ['an object', { code: 1 }],
  ])('the signal has the identical reason: %s', async (_what, reason) => {
    let before: AbortSignal | undefined;
    let operation: Operation | undefined;
    const body = (current: Operation): never => {
      operation = current;
      throw reason;
    };
    await expect(withOperation(body)).rejects.toBe(reason);
    expect(operation?.signal.aborted).toBe(true);
    expect(operation?.signal.reason).toBe(reason);
    await expect(
      withOperation((current) => {
        before = current.signal;
        return body(current);
      }),
    ).rejects.toBe(reason);
    expect(before?.aborted).toBe(true);
    expect(before?.reason).toBe(reason);
  });

  test('the state goes from open over draining to closed', async () => {
    const states: string[] = [];
    const operation = await withOperation((current) => {
      states.push(current.state);
      defer((work) => states.push(work.operation.state));
      return current;
    });
    states.push(operation.state);
    expect(states).toEqual(['open', 'draining', 'closed']);
  });

  test("the signal option aborts the operation's signal and nothing else", async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const value = await withOperation({ signal: controller.signal }, async (operation) => {
      const { signal } = operation;
      controller.abort(reason);
      expect(signal.reason).toBe(reason);
      defer((work) => expect(work.signal.aborted).toBe(false));
      return 'done';
    });
    expect(value).toBe('done');
    const after = await withOperation({ signal: controller.signal }, (operation) => operation);
    expect(after.signal.reason).toBe(reason);
  });

  test("a nested operation's signal is aborted by whichever was first, read early or late", async () => {
    for (const early of [true, false]) {
      const own = new AbortController();
      await withOperation({ signal: AbortSignal.abort('parent') }, () =>
        withOperation({ signal: own.signal }, (nested) => {
          if (early) expect(nested.signal.aborted).toBe(true);
          own.abort('own');
          expect(nested.signal.reason).toBe('parent');
        }),
      );
    }
  });

  test("a nested operation's signal follows its parent's, a detached one's does not", async () => {
    const reason = new Error('outer');
    const go = gate();
    const aborted: Record<string, unknown> = {};
    const detached: Promise<unknown>[] = [];
    const watch = (name: string) => async (operation: Operation) => {
      const { signal } = operation;
      await go.passed;
      await settleMicrotasks();
      aborted[name] = signal.aborted && signal.reason;
    };
    const outer = withOperation(() => {
      void withOperation(watch('nested'));
      void withOperation(() => withOperation(watch('deep')));
      detached.push(withOperation({ nesting: 'detached' }, watch('detached')));
      throw reason;
    });
    go.open();
    await expect(outer).rejects.toBe(reason);
    await Promise.all(detached);
    expect(aborted).toEqual({ nested: reason, deep: reason, detached: false });
  });

  test('more than ten nested operations may follow one signal without a warning', async () => {
    const warnings: unknown[] = [];
    const listen = (warning: unknown): number => warnings.push(warning);
    process.on('warning', listen);
    await withOperation({ signal: new AbortController().signal }, async (outer) => {
      expect(outer.signal.aborted).toBe(false);
      await Promise.all(
        Array.from({ length: 30 }, () => withOperation((inner) => expect(inner.signal.aborted).toBe(false))),
      );
    });
    await turn();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});

describe('G7 order', () => {
  test('task queues drain in the order in which the tasks started, then the own queue, then resources', async () => {
    const ran: string[] = [];
    const [first, second] = [gate(), gate()];
    const operation = withOperation(async () => {
      defer(() => ran.push('own 1'));
      use({ [Symbol.dispose]: () => void ran.push('resource 1') });
      const tasks = [
        withTask('first', async () => {
          await first.passed;
          defer(() => ran.push('first 1'));
          defer(() => ran.push('first 2'));
        }),
        withTask('second', async () => {
          defer(() => ran.push('second 1'));
          await second.passed;
          defer(() => ran.push('second 2'));
          first.open();
        }),
      ];
      defer(() => ran.push('own 2'));
      use({ [Symbol.asyncDispose]: async () => void ran.push('resource 2') });
      second.open();
      await Promise.all(tasks);
    });
    await operation;
    expect(ran).toEqual([
      'first 1',
      'first 2',
      'second 1',
      'second 2',
      'own 1',
      'own 2',
      'resource 2',
      'resource 1',
    ]);
  });

  test('a lifo queue runs the newest work next, also one deferred during the drain; task queues stay fifo', async () => {
    const ran: string[] = [];
    await withOperation({ order: 'lifo' }, async () => {
      await withTask('task', () => {
        defer(() => ran.push('task 1'));
        defer(() => ran.push('task 2'));
      });
      defer(() => ran.push('own 1'));
      defer(() => {
        ran.push('own 2');
        defer(() => ran.push('added'));
      });
    });
    expect(ran).toEqual(['task 1', 'task 2', 'own 2', 'added', 'own 1']);
  });

  test("a task's until: 'task' work drains when its function has settled, and withTask settles after it", async () => {
    const ran: string[] = [];
    const slow = gate();
    await withOperation(async () => {
      const task = withTask('task', (self) => {
        defer(() => ran.push('at the boundary'));
        defer(
          async (work) => {
            expect(self.state).toBe('draining');
            expect(work.outcome).toEqual({ status: 'fulfilled', value: 'value' });
            await slow.passed;
            ran.push('end 1');
            defer(() => ran.push('end 3'), { until: 'task' });
          },
          { until: 'task' },
        );
        defer(() => ran.push('end 2'), { until: 'task' });
        ran.push('function');
        return 'value';
      });
      await settleMicrotasks();
      expect(ran).toEqual(['function']);
      slow.open();
      expect(await task).toBe('value');
      ran.push('task settled');
    });
    expect(ran).toEqual(['function', 'end 1', 'end 2', 'end 3', 'task settled', 'at the boundary']);
  });

  test("until: 'task' work takes its condition and outcome from its task", async () => {
    const ran: string[] = [];
    const reason = new Error('task');
    await withOperation(async () => {
      const task = withTask('task', () => {
        defer(() => ran.push('success'), { until: 'task', on: 'success' });
        defer((work) => ran.push(work.outcome?.status ?? ''), { until: 'task', on: 'failure' });
        defer((work) => ran.push(`operation ${work.outcome?.status}`));
        throw reason;
      });
      await expect(task).rejects.toBe(reason);
    });
    expect(ran).toEqual(['rejected', 'operation fulfilled']);
  });

  test("once the task has ended, until: 'task' throws NoTaskError, and work for the boundary is taken", async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      let ended: Task | undefined;
      await withTask('task', (task) => {
        ended = task;
        defer(() => {
          expect(() => defer(() => {}, { until: 'task' })).toThrow(NoTaskError);
          ran.push('work');
        });
      });
      expect(ended?.state).toBe('closed');
      expect(() => defer(() => {}, { until: 'task', task: ended! })).toThrow(NoTaskError);
      defer(() => ran.push('bound late'), { task: ended! });
    });
    expect(ran).toEqual(['work', 'bound late']);
  });

  test('a rejecting task rejects withTask with its reason and leaves the outcome of the operation alone', async () => {
    const reason = new Error('task');
    const { outcome, report } = await settleOperation('operation', async () => {
      await expect(withTask('task', () => Promise.reject(reason))).rejects.toBe(reason);
      defer(() => {}, { on: 'success' });
      return 1;
    });
    expect(outcome).toEqual({ status: 'fulfilled', value: 1 });
    expect(report.counts.ran).toBe(1);
  });

  test("a task's signal follows the operation's and is aborted when its own function rejects", async () => {
    const reason = new Error('task');
    const outer = new Error('operation');
    const signals: AbortSignal[] = [];
    const open = gate();
    const operation = withOperation(async (current) => {
      await withTask('failing', (task) => {
        signals.push(task.signal, current.signal);
        throw reason;
      }).catch(() => {});
      expect(current.signal.aborted).toBe(false);
      void withTask('open', (task) => {
        signals.push(task.signal);
        return open.passed;
      });
      throw outer;
    });
    await settleMicrotasks();
    expect(signals.map((signal) => signal.reason)).toEqual([reason, outer, outer]);
    open.open();
    await expect(operation).rejects.toBe(outer);
  });

  test('tasks nest, and each has queues of its own', async () => {
    const ran: string[] = [];
    const note = (what: string) => (): number => ran.push(`${what} as ${currentTask()?.name}`);
    await withOperation(() =>
      withTask('outer', async () => {
        defer(note('outer 1'));
        await withTask('inner', () => {
          defer(note('inner'));
          defer(note('inner end'), { until: 'task' });
        });
        defer(note('outer 2'));
      }),
    );
    expect(ran).toEqual(['inner end as inner', 'outer 1 as outer', 'outer 2 as outer', 'inner as inner']);
  });

  test('resources are disposed in spite of failures, each awaited, the async way before the sync one', async () => {
    const ran: string[] = [];
    const slow = gate();
    const operation = settleOperation('operation', () => {
      const kept = {
        [Symbol.asyncDispose]: async () => {
          await slow.passed;
          ran.push('async');
        },
        [Symbol.dispose]: () => void ran.push('sync'),
      };
      use({ [Symbol.dispose]: () => void ran.push('first') });
      use({
        [Symbol.dispose]: () => {
          ran.push('failing');
          throw new Error('dispose');
        },
      });
      expect(use(kept)).toBe(kept);
      expect(use(null)).toBeNull();
      expect(use(undefined)).toBeUndefined();
      expect(currentOperation()?.pending).toBe(0);
    });
    await settleMicrotasks();
    expect(ran).toEqual([]);
    slow.open();
    const { report } = await operation;
    expect(ran).toEqual(['async', 'failing', 'first']);
    expect(report.registered).toBe(0);
  });

  test('a work deferred by a disposer runs before the next resource, and use is allowed until the seal', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      use({ [Symbol.dispose]: () => void ran.push('first') });
      use({
        [Symbol.dispose]: () => {
          ran.push('second');
          defer(() => ran.push('work'));
          use({ [Symbol.dispose]: () => void ran.push('third') });
        },
      });
    });
    expect(ran).toEqual(['second', 'work', 'third', 'first']);
  });

  test('resources wait for tasks that a work started and nobody awaited', async () => {
    const ran: string[] = [];
    const task = gate();
    const operation = withOperation(() => {
      use({ [Symbol.dispose]: () => void ran.push('disposed') });
      defer(() => {
        void withTask('late', async () => {
          await task.passed;
          ran.push('task');
        });
      });
    });
    await settleMicrotasks();
    expect(ran).toEqual([]);
    task.open();
    await operation;
    expect(ran).toEqual(['task', 'disposed']);
  });
});

describe('G8 until nothing is left', () => {
  test('a work added by the last work of the drain runs in the same drain', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      defer(async () => {
        await Promise.resolve();
        ran.push('last');
        defer(async () => {
          await Promise.resolve();
          ran.push('really last');
          defer(() => ran.push('really, really last'));
        });
      });
    });
    expect(ran).toEqual(['last', 'really last', 'really, really last']);
  });

  test('a task queue that fills again is served before the next work of the own queue', async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      let task: Task | undefined;
      await withTask('task', (self) => void (task = self));
      defer(() => {
        ran.push('own 1');
        defer(() => ran.push('task again'), { task: task! });
        void withTask('new', () => void defer(() => ran.push('new task')));
      });
      defer(() => ran.push('own 2'));
    });
    expect(ran).toEqual(['own 1', 'task again', 'new task', 'own 2']);
  });

  test('tasks and nested operations started by works are waited for, and their work is taken', async () => {
    const ran: string[] = [];
    const [task, nested] = [gate(), gate()];
    const operation = withOperation(() => {
      defer(() => {
        void withTask('task', async () => {
          await task.passed;
          defer(() => ran.push('work of the task'));
        });
        void withOperation('nested', async () => {
          await nested.passed;
          defer(() => ran.push('work of the nested operation'));
        });
      });
    });
    task.open();
    await settleMicrotasks();
    expect(ran).toEqual(['work of the task']);
    nested.open();
    await operation;
    expect(ran).toEqual(['work of the task', 'work of the nested operation']);
  });

  test('a chain may have exactly maxChain works; one more throws DeferChainError, naming them', async () => {
    let error: unknown;
    let length = 0;
    const link = (): void => {
      const name = `link ${++length}`;
      defer(
        () => {
          try {
            link();
          } catch (thrown) {
            error = thrown;
          }
        },
        { name },
      );
    };
    const { report } = await settleOperation({ maxChain: 5 }, link);
    expect(report.counts.ran).toBe(5);
    expect(error).toBeInstanceOf(DeferChainError);
    expect(error).toMatchObject({
      code: 'ERR_DEFERQUEUE_DEFER_CHAIN',
      chain: ['link 1', 'link 2', 'link 3', 'link 4', 'link 5'],
    });
    expect(String(error)).toContain('link 1 → link 2');

    length = 0;
    await settleOperation({}, link);
    expect(length).toBe(1001);
  });

  test.each([
    ['async works', (next: () => void) => Promise.resolve().then(next)],
    ['tasks', (next: () => void) => withTask('task', () => Promise.resolve().then(next))],
    [
      'tasks that nobody awaits',
      (next: () => void) => void withTask('task', () => Promise.resolve().then(next)).catch(() => {}),
    ],
  ])('a chain goes on across %s', async (_what, step) => {
    let count = 0;
    const { report } = await settleOperation({ maxChain: 3 }, () => {
      const link = (): void => {
        count++;
        defer(() => step(link));
      };
      link();
    });
    expect(report.counts.ran + report.counts.failed).toBe(3);
    expect(count).toBe(4);
  });

  test('a chain goes on across promoted work and across nested operations', async () => {
    let count = 0;
    await settleOperation({ maxChain: 2 }, () =>
      withOperation({ maxChain: 2 }, () => {
        defer(() => {
          count++;
          defer(
            () => {
              count++;
              expect(() => defer(() => count++)).toThrow(DeferChainError);
            },
            { until: 'root' },
          );
        });
      }),
    );
    expect(count).toBe(2);

    for (const nesting of ['nested', 'savepoint', 'join'] as const) {
      let depth = 0;
      const nest = (): void => {
        defer(async () => {
          if (++depth < 100) await withOperation({ nesting, maxChain: Infinity }, nest);
        });
      };
      // The outer operation counts what is deferred in those inside it.
      const { report } = await settleOperation({ maxChain: 5, onWorkError: () => {} }, nest);
      expect([depth, report.counts.failed]).toEqual([5, 1]);
    }
    let depth = 0;
    const anew = (): void => {
      defer(async () => {
        if (++depth < 10) await withOperation({ nesting: 'detached', maxChain: 1 }, anew);
      });
    };
    await withOperation({ maxChain: 1 }, anew);
    expect(depth).toBe(10);
  });

  test.each([
    ['run', (operation: Operation, next: () => void) => operation.run(next)],
    ['bind', (operation: Operation, next: () => void) => operation.bind(next)()],
  ])("a chain goes on through an operation's own %s, in the drain and in a flush", async (_what, step) => {
    for (const flushed of [false, true]) {
      let count = 0;
      await settleOperation({ maxChain: 3, onWorkError: () => {} }, async (operation) => {
        const link = (): void => {
          count++;
          if (count < 100) step(operation, () => void defer(link));
        };
        defer(link);
        if (flushed) await flush();
      });
      expect(count).toBe(3);
    }
  });

  test('what a disposer defers starts a chain, in an open operation and in a task of a work too', async () => {
    const { report } = await settleOperation({ maxChain: 1 }, () => {
      defer(() =>
        withTask('task', () => {
          use({ [Symbol.dispose]: () => void defer(() => {}) });
        }),
      );
    });
    expect(report.counts.ran).toBe(2);

    const operation = openOperation({ maxChain: 1 });
    operation.use({ [Symbol.dispose]: () => void operation.run(() => defer(() => {})) });
    expect((await operation.close()).counts.ran).toBe(1);
  });

  test('a work that is bound to a task has no part in the chain that the task was opened in', async () => {
    const { report } = await settleOperation({ maxChain: 2 }, () => {
      let task: Task | undefined;
      const open = (): Promise<void> => withTask('task', (self) => void (task = self));
      defer(() => void defer(open));
      use({
        [Symbol.dispose]: () => void defer(() => void defer(() => {}), { task: task! }),
      });
    });
    expect(report.counts).toMatchObject({ ran: 4, failed: 0 });
  });

  test('discards that defer cannot go on for ever either', async () => {
    let discarded = 0;
    const again = (): void => {
      defer(() => {}, {
        on: 'failure',
        discard: () => {
          discarded++;
          again();
        },
      });
    };
    const errors: unknown[] = [];
    await settleOperation({ maxChain: 4, onWorkError: (error) => errors.push(error) }, again);
    expect(discarded).toBe(4);
    expect(errors).toEqual([expect.any(DeferChainError)]);
  });

  test.each<[what: string, options: OperationOptions]>([
    ['one at a time', {}],
    ['two at a time', { concurrency: 2 }],
  ])(
    'a call from outside the items is not counted in the chain that runs meanwhile, %s',
    async (_what, options) => {
      const accepted: string[] = [];
      const [leak, last] = [gate(), gate()];
      let leaked: Promise<void> | undefined;
      await withOperation({ ...options, maxChain: 3 }, () => {
        // Left behind by the function; it continues while the last link of the chain runs.
        leaked = leak.passed.then(() => {
          defer(() => accepted.push('from the function'));
        });
        const link = (depth: number) => async (): Promise<void> => {
          if (depth < 3) return void defer(link(depth + 1), { name: `link ${depth + 1}` });
          leak.open();
          await last.passed;
        };
        void leak.passed.then(settleMicrotasks).then(() => last.open());
        defer(link(1), { name: 'link 1' });
      });
      await leaked;
      expect(accepted).toEqual(['from the function']);
    },
  );

  test.each<[what: string, options: OperationOptions]>([
    ['an item', {}],
    ['an item of several at once', { concurrency: 3 }],
  ])('a chain goes on through functions that join in %s, after an await too', async (_what, options) => {
    const errors: unknown[] = [];
    let count = 0;
    const again = (): Promise<void> =>
      withOperation({ nesting: 'join' }, async () => {
        await turn();
        if (++count < 20) defer(again);
      });
    await settleOperation({ ...options, maxChain: 3, onWorkError: (error) => errors.push(error) }, () => {
      defer(again);
    });
    expect(count).toBe(3);
    expect(errors).toEqual([expect.any(DeferChainError)]);
    expect((errors[0] as DeferChainError).chain).toHaveLength(3);
  });

  test('a chain goes on through a joined function that the item does not wait for', async () => {
    const errors: unknown[] = [];
    let count = 0;
    const again = (): void => {
      void settleOperation({ nesting: 'join' }, async () => {
        await turn();
        if (++count < 20) defer(again);
      }).then(({ outcome }) => outcome.status === 'rejected' && errors.push(outcome.reason));
    };
    await withOperation({ maxChain: 4 }, () => void defer(again));
    expect(count).toBe(4);
    expect(errors).toEqual([expect.any(DeferChainError)]);
  });

  test('works that defer side by side are no chain', async () => {
    const { report } = await settleOperation({ maxChain: 2 }, () => {
      for (let index = 0; index < 20; index++) defer(() => void defer(() => {}));
    });
    expect(report.counts.ran).toBe(40);
  });

  test('a queue that works keep filling drains fully', async () => {
    let left = 20_000;
    await withOperation({ maxChain: Infinity }, () => {
      const more = (): void => {
        if (left-- > 0) defer(more);
      };
      for (let index = 0; index < 2000; index++) defer(more);
    });
    expect(left).toBeLessThanOrEqual(0);
  });
});

describe('G9 seal', () => {
  test('there is no gap between nothing left and the seal: late work is either run or refused', async () => {
    // A leaked promise defers once in every microtask around the seal.
    for (let delay = 0; delay < 40; delay++) {
      let accepted = 0;
      let ran = 0;
      let refused: unknown;
      let leaked: Promise<void> | undefined;
      await withOperation(async () => {
        leaked = (async () => {
          for (let step = 0; step < delay; step++) await Promise.resolve();
          try {
            defer(() => ran++);
            accepted++;
          } catch (error) {
            refused = error;
          }
        })();
        use({ [Symbol.asyncDispose]: () => Promise.resolve() });
        defer(() => Promise.resolve());
        await withTask('task', () => void defer(() => Promise.resolve(), { until: 'task' }));
      });
      await leaked;
      expect(ran).toBe(accepted);
      if (accepted === 0) expect(refused).toBeInstanceOf(OperationClosedError);
    }
  });

  test('the same holds for the end of a task', async () => {
    for (let delay = 0; delay < 20; delay++) {
      let accepted = 0;
      let ran = 0;
      let leaked: Promise<void> | undefined;
      await withOperation(() =>
        withTask('task', () => {
          leaked = (async () => {
            for (let step = 0; step < delay; step++) await Promise.resolve();
            try {
              defer(() => ran++, { until: 'task' });
              accepted++;
            } catch (error) {
              expect([NoTaskError, OperationClosedError]).toContain((error as Error).constructor);
            }
          })();
          defer(() => Promise.resolve(), { until: 'task' });
        }),
      );
      await leaked;
      expect(ran).toBe(accepted);
    }
  });
});

describe('G10 no scheduler', () => {
  test('there is no macrotask between two works', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      setImmediate(() => ran.push('immediate'));
      process.nextTick(() => ran.push('next tick'));
      for (let index = 0; index < 100; index++) {
        defer(() => ran.push('sync'));
        defer(async () => void ran.push('async'));
      }
    });
    expect(ran).not.toContain('immediate');
    expect(ran.filter((line) => line !== 'next tick')).toHaveLength(200);
  });

  test('works without a promise run back to back', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      defer(() => {
        queueMicrotask(() => ran.push('microtask'));
        ran.push('first');
      });
      defer(() => ran.push('second'));
    });
    expect(ran).toEqual(['first', 'second', 'microtask']);
  });

  test.each([
    ['sync', (): void => busy(12)],
    ['async', async (): Promise<void> => busy(12)],
  ])(
    'a drain of %s works that holds the event loop lets it turn between two of them',
    async (_what, work) => {
      const ran: string[] = [];
      await withOperation(() => {
        setImmediate(() => ran.push('immediate'));
        for (let index = 0; index < 3; index++) {
          defer(() => {
            ran.push('work');
            return work();
          });
        }
      });
      expect(ran).toEqual(['work', 'immediate', 'work', 'work']);
    },
  );

  test('a drain whose works wait for the event loop adds no turn of its own', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      defer(async () => {
        busy(12);
        await turn();
        setImmediate(() => ran.push('immediate'));
        ran.push('first');
      });
      defer(() => ran.push('second'));
    });
    expect(ran).toEqual(['first', 'second']);
  });
});

describe('G12 early boundary', () => {
  test("runs the always work of the operation's own queue and returns how many were entered", async () => {
    const ran: string[] = [];
    await settleOperation('operation', async () => {
      defer((work) => ran.push(`1 ${work.outcome?.status}`));
      defer(() => ran.push('on success'), { on: 'success' });
      defer(() => ran.push('on failure'), { on: 'failure' });
      defer(() => {
        ran.push('2');
        defer(() => ran.push('added'));
        throw new Error('failing works count too');
      });
      const cancelled = defer(() => ran.push('cancelled'));
      cancelled.cancel();
      await withTask('task', () => void defer(() => ran.push('task')));
      expect(await flush()).toBe(3);
      expect(ran).toEqual(['1 undefined', '2', 'added']);
      expect(await flush()).toBe(0);
      expect(currentOperation()?.pending).toBe(3);
    });
    expect(ran.slice(3)).toEqual(['task', 'on success']);
  });

  test("in a task it runs the task's work for the boundary, and leaves until: 'task' and root work", async () => {
    const ran: string[] = [];
    await withOperation(() =>
      withOperation(async () => {
        defer(() => ran.push('own'));
        await withTask('task', async () => {
          defer(() => ran.push('task'));
          defer(() => ran.push('end'), { until: 'task' });
          defer(() => ran.push('root'), { until: 'root' });
          expect(await flush()).toBe(1);
          expect(ran).toEqual(['task']);
        });
      }),
    );
    expect(ran).toEqual(['task', 'end', 'own', 'root']);
  });

  test('a lifo queue is flushed newest first', async () => {
    const ran: number[] = [];
    await withOperation({ order: 'lifo' }, async () => {
      for (const index of [1, 2, 3]) defer(() => ran.push(index));
      defer(() => ran.push(4), { on: 'success' });
      await flush();
      expect(ran).toEqual([3, 2, 1]);
    });
    expect(ran).toEqual([3, 2, 1, 4]);
  });

  test('conditional works keep their places among later ones', async () => {
    const ran: number[] = [];
    await withOperation(async () => {
      defer(() => ran.push(1), { on: 'success' });
      defer(() => ran.push(2));
      defer(() => ran.push(3), { on: 'success' });
      expect(await flush()).toBe(1);
      defer(() => ran.push(4));
      defer(() => ran.push(5), { on: 'success' });
      expect(await flush()).toBe(1);
      defer(() => ran.push(6));
    });
    expect(ran).toEqual([2, 4, 1, 3, 5, 6]);
  });

  test('finds what was deferred after conditional works were cancelled', async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      defer(() => ran.push('kept'), { on: 'success' });
      const cancelled = defer(() => ran.push('cancelled'), { on: 'success' });
      expect(await flush()).toBe(0);
      cancelled.cancel();
      defer(() => ran.push('flushed'));
      expect(await flush()).toBe(1);
    });
    expect(ran).toEqual(['flushed', 'kept']);
  });

  test('throws while that queue is draining, and can flush another one', async () => {
    const results: unknown[] = [];
    await withOperation(async (operation) => {
      const slow = gate();
      defer(async () => {
        await flush().catch((error: unknown) => results.push(error));
        await slow.passed;
      });
      const flushing = flush();
      await flush().catch((error: unknown) => results.push(error));
      slow.open();
      expect(await flushing).toBe(1);

      defer(async () => {
        await flush().catch((error: unknown) => results.push(error));
        await withTask('late', async () => {
          defer(() => {});
          results.push(await flush());
          await operation.flush().catch((error: unknown) => results.push(error));
        });
      });
    });
    const refused = expect.any(DrainInProgressError);
    expect(results).toEqual([refused, refused, refused, 1, refused]);
  });

  test('a flush that still runs at the end of the function is waited for', async () => {
    const slow = gate();
    const ran: string[] = [];
    const operation = withOperation(() => {
      defer(() => slow.passed.then(() => ran.push('flushed')));
      void flush();
      defer(() => ran.push('at the boundary'), { on: 'success' });
    });
    await settleMicrotasks();
    expect(ran).toEqual([]);
    slow.open();
    await operation;
    expect(ran).toEqual(['flushed', 'at the boundary']);
  });

  test('the boundary waits for a queue that a flush inside the drain is working on', async () => {
    const ran: string[] = [];
    const slow = gate();
    const operation = withOperation(() => {
      defer(() => {
        void withTask('late', () => {
          defer(async () => {
            await slow.passed;
            ran.push('late 1');
          });
          defer(() => ran.push('late 2'));
          void flush();
        });
      });
      defer(() => ran.push('own'));
    });
    await settleMicrotasks();
    expect(ran).toEqual([]);
    slow.open();
    await operation;
    expect(ran).toEqual(['late 1', 'late 2', 'own']);
  });
});
