import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  flush,
  NoOperationError,
  NoTaskError,
  OperationClosedError,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { DeferOptions, Operation, Task } from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';
import { gate, settleMicrotasks } from '../support/gate.js';

const anyOptions = (options: object): DeferOptions => options;

describe('G1 ambient', () => {
  test('finds the operation through nested calls, awaits, timers, streams and handlers made inside it', async () => {
    const ran: string[] = [];
    const deep = async (depth: number): Promise<void> => {
      await Promise.resolve();
      if (depth > 0) return deep(depth - 1);
      defer(() => ran.push('nested calls'));
    };
    await withOperation(async () => {
      await deep(5);
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          defer(() => ran.push('timer'));
          resolve();
        });
      });
      await sleep(0);
      defer(() => ran.push('after a timer'));
      await pipeline(Readable.from(['a']), async (source) => {
        for await (const chunk of source) defer(() => ran.push(`stream ${chunk}`));
      });
      const emitter = new EventEmitter();
      emitter.on('event', () => defer(() => ran.push('handler')));
      await new Promise<void>((resolve) => {
        queueMicrotask(() => {
          emitter.emit('event');
          resolve();
        });
      });
    });
    expect(ran).toEqual(['nested calls', 'timer', 'after a timer', 'stream a', 'handler']);
  });

  test('keeps operations that run at the same time apart', async () => {
    const ran: string[] = [];
    const operation = (name: string): Promise<void> =>
      withOperation(name, async () => {
        for (let step = 0; step < 3; step++) {
          await Promise.resolve();
          defer(() => ran.push(`${currentOperation()?.name}:${name}${step}`));
        }
      });
    await Promise.all([operation('a'), operation('b')]);
    expect(ran.filter((line) => line.startsWith('a'))).toEqual(['a:a0', 'a:a1', 'a:a2']);
    expect(ran.filter((line) => line.startsWith('b'))).toEqual(['b:b0', 'b:b1', 'b:b2']);
  });

  test('gives the function the operation that is current', async () => {
    await withOperation('named', (operation) => {
      expect(operation).toBe(currentOperation());
      expect(operation.name).toBe('named');
      expect(operation.root).toBe(operation);
      expect(operation.parent).toBeUndefined();
      expect('close' in operation).toBe(false);
    });
    expect(currentOperation()).toBeUndefined();
  });

  test('calls the function synchronously', () => {
    const order: string[] = [];
    void withOperation(() => {
      order.push('operation');
      void withTask('task', () => order.push('task'));
    });
    order.push('after');
    expect(order).toEqual(['operation', 'task', 'after']);
  });

  test('runtimes do not see each other, even nested', async () => {
    const other = createRuntime();
    const ran: string[] = [];
    await withOperation('outer', async (outer) => {
      await other.withOperation('inner', (inner) => {
        expect(currentOperation()).toBe(outer);
        expect(other.currentOperation()).toBe(inner);
        expect(inner.parent).toBeUndefined();
        defer(() => ran.push('outer work'));
        other.defer(() => ran.push('inner work'));
      });
      ran.push('inner closed');
    });
    expect(ran).toEqual(['inner work', 'inner closed', 'outer work']);
  });

  test('a runtime has defaults, and operations do not inherit options otherwise', async () => {
    const runtime = createRuntime({ defaults: { order: 'lifo', report: 'full', name: 'by default' } });
    const ran: number[] = [];
    const { report } = await runtime.settleOperation({}, () => {
      for (const index of [1, 2, 3]) runtime.defer(() => ran.push(index));
    });
    expect(ran).toEqual([3, 2, 1]);
    expect(report.name).toBe('by default');
    expect(report.works).toHaveLength(3);

    await withOperation({ order: 'lifo' }, () =>
      withOperation('nested', () => {
        for (const index of [1, 2, 3]) defer(() => ran.push(index));
      }),
    );
    expect(ran).toEqual([3, 2, 1, 1, 2, 3]);
  });
});

describe('G2 owner', () => {
  test('work belongs to the current task, to another one that is named, or with null to the operation', async () => {
    const seen: (string | undefined)[] = [];
    const note = (): number => seen.push(currentTask()?.name);
    await withOperation(async () => {
      let first: Task | undefined;
      await withTask('first', (task) => {
        first = task;
        expect(currentTask()).toBe(task);
      });
      await withTask('second', () => {
        defer(note);
        defer(note, { task: first! });
        defer(note, { task: null });
        defer(note, { task: currentTask()! });
      });
    });
    expect(seen).toEqual(['first', 'second', 'second', undefined]);
  });

  test('refuses a task of another operation with a TypeError', async () => {
    await withOperation(async () => {
      let foreign: Task | undefined;
      await withOperation(() => withTask('theirs', (task) => void (foreign = task)));
      expect(() => defer(() => {}, { task: foreign! })).toThrow(TypeError);
      expect(() => defer(() => {}, anyOptions({ task: foreign!, data: () => {} }))).toThrow(TypeError);
      expect(currentOperation()?.pending).toBe(0);
    });
  });

  test("an operation's own methods mean its own queue, inside a task too", async () => {
    const seen: string[] = [];
    await withOperation(async (operation) => {
      await withTask('task', async () => {
        operation.defer(() => seen.push(`own ${currentTask()?.name}`));
        defer(() => seen.push(`task ${currentTask()?.name}`));
        expect(await operation.flush()).toBe(1);
        expect(seen).toEqual(['own undefined']);
        operation.defer(() => seen.push('into the task'), { task: currentTask()! });
        expect(() => operation.defer(() => {}, { until: 'task' })).toThrow(NoTaskError);
      });
    });
    expect(seen).toEqual(['own undefined', 'task task', 'into the task']);
  });

  test('inside a nested operation no task is current, inside a joined one the enclosing task is', async () => {
    await withOperation(() =>
      withTask('outer', async (task) => {
        await withOperation(() => expect(currentTask()).toBeUndefined());
        await withOperation({ nesting: 'detached' }, () => expect(currentTask()).toBeUndefined());
        await withOperation({ nesting: 'join' }, () => expect(currentTask()).toBe(task));
      }),
    );
  });
});

describe('G3 no operation', () => {
  test('defer and use throw at the call, functions that return promises reject', async () => {
    expect(() => defer(() => {})).toThrow(NoOperationError);
    expect(() => use({ [Symbol.dispose]() {} })).toThrow(NoOperationError);
    expect(() => use(null)).toThrow(NoOperationError);
    await expect(flush()).rejects.toThrow(NoOperationError);
    await expect(withTask('task', () => {})).rejects.toThrow(NoOperationError);
    expect(() => defer(() => {})).toThrow(expect.objectContaining({ code: 'ERR_DEFERQUEUE_NO_OPERATION' }));
  });

  test("outside: 'run' enters the work before defer returns, with copied data, in an operation of its own", async () => {
    const data = { list: [1] };
    const seen: unknown[] = [];
    const deferred = defer(
      async (work) => {
        seen.push(work.data, work.data === data, currentOperation() === work.operation, work.outcome);
        defer(() => seen.push('deferred by it'));
        await Promise.resolve();
        seen.push('end');
      },
      { outside: 'run', data },
    );
    expect(seen).toEqual([{ list: [1] }, false, true, { status: 'fulfilled', value: undefined }]);
    expect(deferred.state).toBe('running');
    expect(await deferred.settled).toEqual({ name: undefined, state: 'ran' });
    await settleMicrotasks();
    expect(seen.slice(4)).toEqual(['end', 'deferred by it']);
  });

  test("outside: 'run' tells a failure to settled and as a process warning, and skips failure work", async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const error = new Error('outside');
    const failing = defer(() => Promise.reject(error), { outside: 'run', name: 'mail' });
    expect(await failing.settled).toEqual({ name: 'mail', state: 'failed', reason: error });
    await settleMicrotasks();
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned.mock.calls[0]?.[0]).toMatchObject({ cause: { errors: [error] } });

    const discarded = vi.fn();
    const skipped = defer(() => {}, { outside: 'run', on: 'failure', discard: discarded });
    expect(await skipped.settled).toEqual({ name: undefined, state: 'skipped' });
    expect(discarded).toHaveBeenCalledWith('skipped', undefined);
    warned.mockRestore();
  });
});

describe('G4 validation first', () => {
  const bad: [string, unknown, unknown, typeof TypeError | typeof RangeError][] = [
    ['a work that is no function', 42, undefined, TypeError],
    ['options that are no object', () => {}, 'mail', TypeError],
    ['null options', () => {}, null, TypeError],
    ['an unknown option', () => {}, { untill: 'task' }, TypeError],
    ['a name that is no string', () => {}, { name: 1 }, TypeError],
    ['an unknown condition', () => {}, { on: 'error' }, TypeError],
    ['an unknown boundary', () => {}, { until: 'end' }, TypeError],
    ['a task that is none', () => {}, { task: { id: 1 } }, TypeError],
    ['task: null with until task', () => {}, { until: 'task', task: null }, TypeError],
    ['coalesce without a key', () => {}, { coalesce: 'last' }, TypeError],
    ['an unknown coalesce', () => {}, { key: 1, coalesce: 'middle' }, TypeError],
    ['a null key', () => {}, { key: null }, TypeError],
    ['a discard that is no function', () => {}, { discard: true }, TypeError],
    ['a signal that is none', () => {}, { signal: {} }, TypeError],
    [
      'a signal that is not quite one',
      () => {},
      { signal: { aborted: false, addEventListener() {} } },
      TypeError,
    ],
    ['a list of options', () => {}, [], TypeError],
    ['an unknown outside', () => {}, { outside: 'skip' }, TypeError],
    ['a timeout that is no number', () => {}, { timeout: '1s' }, TypeError],
    ['a timeout of NaN', () => {}, { timeout: Number.NaN }, RangeError],
    ['a timeout of 0', () => {}, { timeout: 0 }, RangeError],
    ['a negative timeout', () => {}, { timeout: -1 }, RangeError],
  ];

  test.each(bad)('defer refuses %s at the call, and queues nothing', async (_what, run, options, type) => {
    const call = (): unknown => defer(run as () => void, options as DeferOptions);
    await withOperation((operation) => {
      expect(call).toThrow(type);
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }));
      expect(operation.pending).toBe(0);
    });
    // Arguments are looked at before the place where it is called.
    expect(call).toThrow(type);
  });

  const badOperations: [string, object, typeof TypeError | typeof RangeError][] = [
    ['an unknown option', { nest: 'join' }, TypeError],
    ['a name that is no string', { name: 1 }, TypeError],
    ['an unknown nesting', { nesting: 'inner' }, TypeError],
    ['an unknown order', { order: 'random' }, TypeError],
    ['a signal that is none', { signal: 'abort' }, TypeError],
    ['a concurrency of 0', { concurrency: 0 }, RangeError],
    ['a negative concurrency', { concurrency: -1 }, RangeError],
    ['a fractional concurrency', { concurrency: 1.5 }, RangeError],
    ['a concurrency of NaN', { concurrency: Number.NaN }, RangeError],
    ['a concurrency that is neither number nor queue', { concurrency: '2' }, TypeError],
    ['a concurrency of null', { concurrency: null }, TypeError],
    ['a queue without add', { concurrency: { concurrency: 2 } }, TypeError],
    ['a queue without concurrency', { concurrency: { add() {} } }, TypeError],
    ['a drainTimeout of 0', { drainTimeout: 0 }, RangeError],
    ['a negative drainTimeout', { drainTimeout: -1 }, RangeError],
    ['a drainTimeout of NaN', { drainTimeout: Number.NaN }, RangeError],
    ['a drainTimeout that is no number', { drainTimeout: '1s' }, TypeError],
    ['a negative maxPending', { maxPending: -1 }, RangeError],
    ['a fractional maxPending', { maxPending: 1.5 }, RangeError],
    ['a maxPending of NaN', { maxPending: Number.NaN }, RangeError],
    ['a maxPending that is no number', { maxPending: '10' }, TypeError],
    ['a maxChain of 0', { maxChain: 0 }, RangeError],
    ['an unknown workErrors', { workErrors: 'ignore' }, TypeError],
    ['an onWorkError that is no function', { onWorkError: console }, TypeError],
    ['an unknown report', { report: true }, TypeError],
  ];

  test.each(badOperations)('operations refuse %s', async (_what, options, type) => {
    const body = vi.fn();
    await expect(withOperation(options, body)).rejects.toThrow(type);
    await expect(settleOperation(options, body)).rejects.toThrow(type);
    expect(() => openOperation(options)).toThrow(type);
    expect(() => createRuntime({ defaults: options })).toThrow(type);
    expect(body).not.toHaveBeenCalled();
  });

  test('a missing function, a bad task and a bad resource are refused too', async () => {
    await expect(withOperation('name', undefined as never)).rejects.toThrow(TypeError);
    await expect(withOperation(42 as never, () => {})).rejects.toThrow(TypeError);
    await expect(withOperation(null as never, () => {})).rejects.toThrow(TypeError);
    await withOperation(async () => {
      await expect(withTask('task', undefined as never)).rejects.toThrow(TypeError);
      await expect(withTask({ nam: 'x' } as never, () => {})).rejects.toThrow(TypeError);
      await expect(withTask(undefined as never, () => {})).rejects.toThrow(TypeError);
      await expect(withTask({ concurrency: 0 }, () => {})).rejects.toThrow(RangeError);
      await expect(withTask({ concurrency: 1.5 }, () => {})).rejects.toThrow(RangeError);
      await expect(withTask({ concurrency: { add() {} } } as never, () => {})).rejects.toThrow(TypeError);
      expect(() => use({} as Disposable)).toThrow(TypeError);
      expect(() => use('file' as never)).toThrow(TypeError);
    });
    expect(() => openOperation({ nesting: 'join' })).toThrow(TypeError);
    expect(() => createRuntime({ carrier: {} as never })).toThrow(TypeError);
    expect(() => createRuntime({ carier: {} } as never)).toThrow(TypeError);
    expect(() => createRuntime(null as never)).toThrow(TypeError);
    expect(() => createRuntime({ defaults: 'name' as never })).toThrow(TypeError);
    await expect(withOperation([] as never, () => {})).rejects.toThrow(TypeError);
  });

  test('Infinity means no limit, and undefined an option that is not given', async () => {
    await withOperation(
      { concurrency: Infinity, drainTimeout: Infinity, maxPending: Infinity, maxChain: Infinity },
      (operation) => {
        const given = { timeout: Infinity, name: undefined, key: undefined, task: undefined };
        expect(defer(() => {}, anyOptions(given)).name).toBeUndefined();
        expect(operation.pending).toBe(1);
      },
    );
  });

  test('data that cannot be copied throws DataCloneError at the call, and nothing is queued', async () => {
    await withOperation((operation) => {
      expect(() => defer(() => {}, anyOptions({ data: { fn: () => {} } }))).toThrow(
        expect.objectContaining({ name: 'DataCloneError' }),
      );
      expect(() => defer(() => {}, anyOptions({ data: Symbol('s') }))).toThrow(
        expect.objectContaining({ name: 'DataCloneError' }),
      );
      expect(operation.pending).toBe(0);
    });
  });

  test("until: 'task' outside a task throws NoTaskError", async () => {
    await withOperation(() => {
      expect(() => defer(() => {}, { until: 'task' })).toThrow(NoTaskError);
    });
  });
});

describe('G5 data is copied', () => {
  test('the work sees the data as it was at registration', async () => {
    const data = { list: [1], map: new Map([['a', { deep: true }]]) };
    let seen: typeof data | undefined;
    await withOperation(() => {
      defer((work) => void (seen = work.data), { data });
      data.list.push(2);
      data.map.clear();
    });
    expect(seen).toEqual({ list: [1], map: new Map([['a', { deep: true }]]) });
  });

  test.each([0, '', false, null, 10n, undefined])('primitive data %s arrives as it is', async (data) => {
    const seen: unknown[] = [];
    await withOperation(() => void defer((work) => seen.push(work.data), { data }));
    expect(seen).toEqual([data]);
  });
});

describe('G9 after the seal', () => {
  test('a promise that outlives the operation gets a clear error from everything', async () => {
    const late = gate();
    let leaked: Promise<void> | undefined;
    let operation: Operation | undefined;
    await withOperation('request', (current) => {
      operation = current;
      leaked = (async () => {
        await late.passed;
        expect(currentOperation()).toBe(current);
        expect(() => defer(() => {})).toThrow(OperationClosedError);
        expect(defer(() => {}, { outside: 'run' }).state).toBe('ran');
        expect(() => use({ [Symbol.dispose]() {} })).toThrow(OperationClosedError);
        await expect(withTask('late', () => {})).rejects.toThrow(OperationClosedError);
        await expect(flush()).rejects.toThrow(OperationClosedError);
        expect(() => current.defer(() => {})).toThrow(/"request"/);
        // A new operation is a new root, joined or not.
        await withOperation('new', (fresh) => expect(fresh.parent).toBeUndefined());
        await withOperation({ nesting: 'join' }, (fresh) => expect(fresh).not.toBe(current));
      })();
    });
    expect(operation?.state).toBe('closed');
    late.open();
    await leaked;
  });
});
