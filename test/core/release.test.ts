import { AsyncLocalStorage } from 'node:async_hooks';
import {
  createRuntime,
  currentOperation,
  defer,
  flush,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, Operation, OperationOptions, Task } from 'deferqueue';
import PQueue from 'p-queue';
import { describe, expect, test, vi } from 'vitest';
import { gate, settleMicrotasks, turn } from '../support/gate.js';

const { gc } = globalThis;

/** Whether what was referred to is gone: WeakRefs keep their target until the turn of the loop ends. */
const released = async (refs: readonly WeakRef<object>[]): Promise<boolean[]> => {
  for (let attempt = 0; attempt < 10 && refs.some((ref) => ref.deref() !== undefined); attempt++) {
    await turn();
    await (gc as ((options: object) => Promise<void>) | undefined)?.({ execution: 'async', type: 'major' });
  }
  return refs.map((ref) => ref.deref() === undefined);
};

/** Defers a work that holds a closure, data and a context of its own, and tells when they are gone. */
const storage = new AsyncLocalStorage<object>();
const heavy = (refs: WeakRef<object>[], run: (held: object) => unknown, options: object = {}): Deferred => {
  const [closure, context] = [{ closure: true }, { context: true }];
  let deferred!: Deferred;
  storage.run(context, () => {
    deferred = defer(
      (work) => {
        refs.push(new WeakRef(work.data));
        return run(closure);
      },
      { data: { data: true }, discard: () => void closure, ...options },
    );
  });
  refs.push(new WeakRef(closure), new WeakRef(context));
  return deferred;
};

describe('G25 release', () => {
  test('is measured with the garbage collector exposed', () => {
    expect(gc).toBeTypeOf('function');
  });

  test("a work's closure, data and context are gone when it has settled, while the drain goes on", async () => {
    const refs: WeakRef<object>[] = [];
    const handles: Deferred[] = [];
    let seen: boolean[] = [];
    await settleOperation({ report: 'full', workErrors: 'report', onWorkError: () => {} }, async () => {
      handles.push(
        heavy(refs, (held) => void held),
        heavy(refs, async (held) => {
          await Promise.resolve();
          void held;
        }),
        heavy(refs, () => {
          throw 'failed';
        }),
        heavy(refs, () => {}, { on: 'failure' }),
        heavy(refs, () => {}, { key: 'k' }),
        heavy(refs, () => {}, { key: 'k' }),
        heavy(refs, () => {}, { signal: new AbortController().signal }),
      );
      const cancelled = heavy(refs, () => {});
      cancelled.cancel();
      handles.push(cancelled);
      defer(async () => {
        seen = await released(refs);
      });
      defer(() => {});
    });
    // Somebody may keep the handles: they hold nothing.
    expect(handles.map((handle) => handle.state)).toEqual([
      'ran',
      'ran',
      'failed',
      'skipped',
      'replaced',
      'ran',
      'ran',
      'cancelled',
    ]);
    expect(seen.length).toBe(16 + 5);
    expect(seen).toEqual(seen.map(() => true));
  });

  test('a work that was cancelled or replaced in the middle of a long queue is gone at once', async () => {
    const refs: WeakRef<object>[] = [];
    await withOperation(async () => {
      defer(() => {});
      const cancelled = heavy(refs, () => {});
      defer(() => {});
      heavy(refs, () => {}, { key: 'k' });
      defer(() => {}, { key: 'k' });
      defer(() => {});
      cancelled.cancel();
      expect(await released(refs)).toEqual([true, true, true, true]);
    });
  });

  test('works that a flush ran are gone while the operation goes on', async () => {
    const refs: WeakRef<object>[] = [];
    await withOperation(async (operation) => {
      defer(() => {}, { on: 'success' });
      heavy(refs, () => {});
      defer(() => {}, { on: 'success' });
      await operation.flush();
      expect(await released(refs)).toEqual([true, true, true]);
    });
  });

  test("an operation's value, tasks' contexts and resources are gone when it is sealed", async () => {
    const refs: WeakRef<object>[] = [];
    let operation: Operation | undefined;
    let task: Task | undefined;
    const opened = openOperation();
    const open = async (): Promise<void> => {
      const context = { context: true };
      const resource = { [Symbol.dispose]() {} };
      const value = { value: true };
      refs.push(new WeakRef(context), new WeakRef(resource), new WeakRef(value));
      await withOperation(async (current) => {
        operation = current;
        use(resource);
        await storage.run(context, () =>
          withTask('task', (self) => {
            task = self;
            defer((work) => void work.outcome);
            return { value: true };
          }),
        );
        return value;
      });
    };
    await open();
    opened.use({ [Symbol.dispose]() {} });
    await opened.close();
    expect([operation?.state, task?.state, opened.state]).toEqual(['closed', 'closed', 'closed']);
    expect(await released(refs)).toEqual([true, true, true]);
  });

  test('the context of a task is gone with an operation without works, though both are kept', async () => {
    const refs: WeakRef<object>[] = [];
    const kept: object[] = [];
    const open = (): Promise<void> =>
      withOperation(async (operation) => {
        const context = { context: true };
        refs.push(new WeakRef(context));
        kept.push(operation);
        await storage.run(context, () => withTask('task', (task) => void kept.push(task)));
      });
    await open();
    expect(kept).toHaveLength(2);
    expect(await released(refs)).toEqual([true]);
  });

  test("an operation's options are gone when it has been told how it ended", async () => {
    const refs: WeakRef<object>[] = [];
    const operation = await (() => {
      const [listener, signal] = [() => {}, new AbortController().signal];
      refs.push(new WeakRef(listener), new WeakRef(signal));
      return withOperation({ onWorkError: listener, signal }, (current) => current);
    })();
    expect(operation.state).toBe('closed');
    expect(await released(refs)).toEqual([true, true]);
  });

  test('a queue does not keep the tombstones of items that were replaced in it', async () => {
    const refs: WeakRef<Deferred>[] = [];
    await withOperation(async () => {
      defer(() => {});
      for (let index = 0; index < 500; index++) {
        refs.push(new WeakRef(defer(() => {}, { key: 'k' })));
        defer(() => {}, { key: 'other' });
      }
      const kept = (await released(refs.slice(0, 400))).filter((gone) => !gone);
      expect(kept.length).toBeLessThan(100);
    });
  });

  test('a long-lived signal keeps nothing of operations and works that have ended', async () => {
    const controller = new AbortController();
    const refs: WeakRef<object>[] = [];
    for (let index = 0; index < 3; index++) {
      await withOperation({ signal: controller.signal }, async (operation) => {
        refs.push(new WeakRef(operation));
        expect(operation.signal.aborted).toBe(false);
        defer((work) => expect(work.signal.aborted).toBe(false), { signal: controller.signal });
        defer(() => {}, { signal: controller.signal }).cancel();
        await withOperation((inner) => {
          refs.push(new WeakRef(inner));
          expect(inner.signal.aborted).toBe(false);
        });
      });
    }
    expect(await released(refs)).toEqual(Array<boolean>(6).fill(true));
    controller.abort();
  });

  test('tasks whose work was flushed or cancelled are let go', async () => {
    const refs: WeakRef<object>[] = [];
    await withOperation(async () => {
      for (let index = 0; index < 200; index++) {
        await withTask('task', async (task) => {
          refs.push(new WeakRef(task));
          defer(() => {}).cancel();
          defer(() => {});
          await flush();
        });
      }
      const kept = (await released(refs)).filter((gone) => !gone);
      expect(kept.length).toBeLessThan(70);
    });
  });

  const LIMITS: [string, () => OperationOptions][] = [
    ['one at a time', () => ({})],
    ['two at a time', () => ({ concurrency: 2 })],
    ['through a queue', () => ({ concurrency: new PQueue({ concurrency: 2 }) })],
  ];

  test.each(LIMITS)(
    'a timed-out work that never settles holds nothing while the drain goes on, %s',
    async (_name, limits) => {
      const refs: WeakRef<object>[] = [];
      const handles: Deferred[] = [];
      // What never settles is kept by somebody, and with it whatever waits for it.
      const kept: Promise<never>[] = [];
      let seen: boolean[] = [];
      const stuck = (): Promise<never> => {
        const promise = storage.exit(() => new Promise<never>(() => {}));
        kept.push(promise);
        return promise;
      };
      await settleOperation({ ...limits(), workErrors: 'report', onWorkError: () => {} }, () => {
        for (let work = 0; work < 3; work++) handles.push(heavy(refs, stuck, { timeout: 5 }));
        defer(async () => {
          while (handles.some(({ state }) => state !== 'timed-out')) await turn();
          seen = await released(refs);
        });
      });
      expect(kept).toHaveLength(3);
      expect(seen).toEqual(Array(9).fill(true));
    },
  );

  test.each(LIMITS)(
    'an operation that was cut short holds nothing, though its works never settle, %s',
    async (_name, limits) => {
      const refs: WeakRef<object>[] = [];
      const kept: Promise<never>[] = [];
      const handles: Deferred[] = [];
      const stuck = (): Promise<never> => {
        const promise = storage.exit(() => new Promise<never>(() => {}));
        kept.push(promise);
        return promise;
      };
      await (async () => {
        const value = { value: true };
        refs.push(new WeakRef(value));
        const onWorkError = (): void => void refs;
        refs.push(new WeakRef(onWorkError));
        const { outcome } = await settleOperation({ ...limits(), drainTimeout: 5, onWorkError }, async () => {
          await withTask('task', () => void handles.push(heavy(refs, stuck), heavy(refs, stuck)));
          handles.push(
            heavy(refs, stuck),
            heavy(refs, () => {}, { key: 'k' }),
          );
          return value;
        });
        expect(outcome.status).toBe('fulfilled');
      })();
      expect(kept).toHaveLength(1);
      expect(handles).toHaveLength(4);
      expect(await released(refs)).toEqual(refs.map(() => true));
      expect(kept).toHaveLength(1);
    },
  );

  test('a queue that is paused holds nothing of an operation that was cut short', async () => {
    const queue = new PQueue({ autoStart: false });
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const refs: WeakRef<object>[] = [];
    await (async () => {
      await settleOperation({ concurrency: queue, drainTimeout: 5 }, (operation) => {
        refs.push(new WeakRef(operation));
        heavy(refs, () => {});
      });
    })();
    warned.mockRestore();
    expect(await released(refs)).toEqual(refs.map(() => true));
    expect(queue.size).toBe(1);
  });

  test('a work without options that never settles holds nothing of an operation that was cut short', async () => {
    const refs: WeakRef<object>[] = [];
    const runtime = createRuntime();
    // Kept, and with it whoever waits for it.
    const never = gate();
    await (async () => {
      const value = { value: true };
      const closure = { closure: true };
      const operation = runtime.withOperation(() => {
        refs.push(new WeakRef(value), new WeakRef(closure));
        runtime.defer(() => {
          void closure;
          return never.passed;
        });
        return value;
      });
      operation.catch(() => {});
      refs.push(new WeakRef(operation));
      await settleMicrotasks();
      await runtime.shutdown({ grace: 1 });
    })();
    expect(await released(refs)).toEqual(refs.map(() => true));
    never.open();
  });

  test('the value of an operation with works without options is gone, though the operation is kept', async () => {
    const refs: WeakRef<object>[] = [];
    const operations: Operation[] = [];
    const end = async (last: () => unknown): Promise<void> => {
      const value = { value: true };
      refs.push(new WeakRef(value));
      await withOperation((operation) => {
        operations.push(operation);
        defer(last);
        return value;
      });
    };
    await end(() => undefined);
    await end(() => Promise.resolve());
    await end(() => turn());
    expect(await released(refs)).toEqual([true, true, true]);
    expect(operations.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
  });

  test('a signal that is read after the end follows nothing any more', async () => {
    const controller = new AbortController();
    const ended = await withOperation({ signal: controller.signal }, async (outer) => {
      const scopes: (Operation | Task)[] = [outer];
      await withOperation((inner) => void scopes.push(inner));
      await withTask('task', (task) => void scopes.push(task));
      return scopes;
    });
    const signals = ended.map((each) => each.signal);
    controller.abort();
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false, false]);
  });

  test('a task that has nothing queued is not kept by its operation', async () => {
    const refs: WeakRef<object>[] = [];
    const done = gate();
    const operation = withOperation(async () => {
      await (async () => {
        await withTask('short', (task) => void refs.push(new WeakRef(task)));
        await withTask('with an end', (task) => {
          refs.push(new WeakRef(task));
          defer(() => {}, { until: 'task' });
        });
      })();
      await done.passed;
    });
    await settleMicrotasks();
    expect(await released(refs)).toEqual([true, true]);
    done.open();
    await operation;
    expect(currentOperation()).toBeUndefined();
  });
});
