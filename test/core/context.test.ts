import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import {
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  flush,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, Operation, Task } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { AsyncLocalStorageCarrier } from '../../src/carriers/index.js';
import { gate } from '../support/gate.js';

const storages = [
  new AsyncLocalStorage<string>(),
  new AsyncLocalStorage<string>(),
  new AsyncLocalStorage<string>(),
];

/** Calls `fn` with a value of its own in each of three foreign storages. */
const inContext = <R>(name: string, fn: () => R): R =>
  storages.reduceRight<() => R>((inner, storage, index) => () => storage.run(`${name}${index}`, inner), fn)();

const context = (): string => storages.map((storage) => storage.getStore() ?? '-').join(' ');

describe('G13 registration context', () => {
  test('work runs in the context of its defer call, whoever starts the drain', async () => {
    const seen: string[] = [];
    const note = (): number => seen.push(context());
    const emitter = new EventEmitter();
    await inContext('caller', () =>
      withOperation(async () => {
        defer(note);
        inContext('a', () => defer(note));
        await Promise.all([
          inContext('b', async () => {
            await Promise.resolve();
            defer(note);
          }),
          inContext('c', async () => {
            await once(emitter, 'never', { signal: AbortSignal.abort() }).catch(() => {});
            defer(async () => {
              note();
              await Promise.resolve();
              note();
            });
          }),
        ]);
        await inContext('stream', async () => {
          for await (const chunk of Readable.from(['x'])) defer(() => seen.push(`${chunk} ${context()}`));
        });
        inContext('handler', () => emitter.on('event', () => defer(note)));
        inContext('emitter', () => emitter.emit('event'));
      }),
    );
    expect(seen.toSorted()).toEqual(
      [
        'caller0 caller1 caller2',
        'a0 a1 a2',
        'b0 b1 b2',
        'c0 c1 c2',
        'c0 c1 c2',
        'x stream0 stream1 stream2',
        'emitter0 emitter1 emitter2',
      ].toSorted(),
    );
    expect(context()).toBe('- - -');
  });

  test('a storage that was changed with enterWith reads as it did at the call', async () => {
    const seen: string[] = [];
    const storage = new AsyncLocalStorage<string>();
    await withOperation(async () => {
      storage.enterWith('first');
      defer(() => seen.push(storage.getStore() ?? '-'));
      storage.enterWith('second');
      defer(() => seen.push(storage.getStore() ?? '-'));
      await Promise.resolve();
    });
    expect(seen).toEqual(['first', 'second']);
  });

  test.each(['success', 'failure', 'always'] as const)(
    'holds for %s work, discards and flushes',
    async (on) => {
      const seen: string[] = [];
      const body = async (): Promise<void> => {
        inContext('work', () =>
          defer(() => seen.push(context()), { on, discard: () => seen.push(context()), until: 'root' }),
        );
        inContext('flushed', () => defer(() => seen.push(context())));
        await inContext('flusher', flush);
      };
      await withOperation(body);
      await withOperation(() => withOperation(body));
      expect(seen.toSorted()).toEqual([
        ...Array<string>(2).fill('flushed0 flushed1 flushed2'),
        ...Array<string>(2).fill('work0 work1 work2'),
      ]);
    },
  );

  test('work bound with task: other runs in the context in which that task was opened', async () => {
    const seen: string[] = [];
    await withOperation(async () => {
      let other: Task | undefined;
      const opened = gate();
      const done = gate();
      const task = inContext('opened', () =>
        withTask('other', async (self) => {
          other = self;
          opened.open();
          await done.passed;
        }),
      );
      await opened.passed;
      inContext('caller', () => {
        defer(() => seen.push(`${context()} ${currentTask()?.name}`), { task: other! });
        defer(() => seen.push(`${context()} ${currentTask()?.name}`), { task: other!, until: 'task' });
      });
      done.open();
      await task;
      inContext('late', () =>
        defer(() => seen.push(`${context()} ${currentTask()?.name}`), { task: other! }),
      );
    });
    expect(seen).toEqual(Array<string>(3).fill('opened0 opened1 opened2 other'));
  });

  test('a work bound to a task leaves no mark on the context of the next one', async () => {
    const seen: string[] = [];
    const [storage] = storages;
    await withOperation(async () => {
      let task: Task | undefined;
      await inContext('opened', () => withTask('task', (self) => void (task = self)));
      const bound = { task: task! };
      const cancelled = (): number => seen.push(`cancelled ${context()}`);
      const handles: Deferred[] = [];
      defer(() => {
        storage?.run('changed', () => handles[0]?.cancel());
        storage?.enterWith('entered');
      }, bound);
      handles.push(defer(() => {}, { ...bound, discard: cancelled }));
      defer(() => seen.push(`next ${context()}`), bound);
    });
    expect(seen).toEqual(['cancelled opened0 opened1 opened2', 'next opened0 opened1 opened2']);
  });

  test("an operation's own defer keeps the caller's context", async () => {
    const seen: string[] = [];
    await withOperation('outer', async (outer) => {
      await inContext('inner', () =>
        withOperation('inner', () => {
          outer.defer(() => seen.push(`${context()} ${currentOperation()?.name}`));
        }),
      );
      const outside = createRuntime();
      await inContext('elsewhere', () =>
        outside.withOperation(
          () => void outer.defer(() => seen.push(`${context()} ${currentOperation()?.name}`)),
        ),
      );
    });
    expect(seen).toEqual(['inner0 inner1 inner2 outer', 'elsewhere0 elsewhere1 elsewhere2 outer']);
  });

  test('disposers run in the context of their use call', async () => {
    const seen: string[] = [];
    await withOperation(async () => {
      inContext('used', () => use({ [Symbol.dispose]: () => void seen.push(context()) }));
      await inContext('task', () =>
        withTask('task', () => {
          use({ [Symbol.asyncDispose]: async () => void seen.push(`${context()} ${currentTask()?.name}`) });
        }),
      );
    });
    expect(seen).toEqual(['task0 task1 task2 task', 'used0 used1 used2']);
  });

  test('a lazy thenable that a work returns starts in the context of the work', async () => {
    const seen: string[] = [];
    const lazy = (): PromiseLike<void> => ({
      // oxlint-disable-next-line unicorn/no-thenable -- a query builder is one
      then: ((resolve: () => void) => {
        seen.push(`${context()} ${currentOperation()?.name}`);
        resolve();
      }) as PromiseLike<void>['then'],
    });
    await withOperation('operation', () => {
      inContext('work', () => defer(lazy));
      inContext('discard', () => defer(() => {}, { on: 'failure', discard: lazy }));
    });
    expect(seen).toEqual(['work0 work1 work2 operation', 'discard0 discard1 discard2 operation']);
  });
});

describe('G14 current', () => {
  test('inside a work the operation and the task are the ones that it belongs to', async () => {
    const seen: string[] = [];
    const note = (what: string) => (): number =>
      seen.push(`${what}: ${currentOperation()?.name} ${currentTask()?.name ?? '-'}`);
    await withOperation('outer', async (outer) => {
      await withTask('task', async () => {
        defer(note('task'));
        defer(note('null'), { task: null });
        outer.defer(note('own'));
        await withOperation('inner', async () => {
          defer(note('inner'));
          outer.defer(note('outer from inner'));
          await withTask('inner task', () => {
            defer(note('root'), { until: 'root' });
            defer(note('inner task'));
          });
        });
      });
    });
    expect(seen).toEqual([
      'inner task: inner inner task',
      'inner: inner -',
      'task: outer task',
      'null: outer -',
      'own: outer -',
      'outer from inner: outer -',
      'root: outer -',
    ]);
  });

  test('nested defer goes to a queue that is open, from promoted works and from discards too', async () => {
    const ran: string[] = [];
    await withOperation('outer', () =>
      withOperation('inner', () => {
        defer(() => void defer(() => ran.push('after the promoted work')), { until: 'root' });
        defer(() => {}, {
          until: 'root',
          on: 'failure',
          discard: () => void defer(() => ran.push(`after the discard, in ${currentOperation()?.name}`)),
        });
      }),
    );
    expect(ran).toEqual(['after the promoted work', 'after the discard, in outer']);
  });

  test('work gives its operation, task, name and data', async () => {
    await withOperation(async (operation) => {
      await withTask('task', (task) => {
        defer(
          (work) => {
            expect(work.operation).toBe(operation);
            expect(work.operation).toBe(currentOperation());
            expect(work.task).toBe(task);
            expect(work.name).toBe('work');
            expect(work.data).toEqual({ id: 1 });
          },
          { name: 'work', data: { id: 1 } },
        );
      });
    });
  });

  test('run and bind make an operation current, keep this and arguments, and other contexts', async () => {
    await withOperation('outer', async (outer) => {
      const receiver = {
        bound: outer.bind(function (this: unknown, a: number, b: number) {
          return { self: this, sum: a + b, current: currentOperation(), context: context() };
        }),
      };
      await withOperation('inner', () => {
        const result = inContext('caller', () => receiver.bound(1, 2));
        expect(result).toEqual({
          self: receiver,
          sum: 3,
          current: outer,
          context: 'caller0 caller1 caller2',
        });
        expect(outer.run(() => currentOperation())).toBe(outer);
        expect(currentOperation()?.name).toBe('inner');
      });
    });
  });

  test('a carrier of the caller transports the operation', async () => {
    const storage = new AsyncLocalStorage<unknown>();
    let runs = 0;
    const runtime = createRuntime({
      carrier: {
        get: () => storage.getStore(),
        run: (value, fn, first, second) => {
          runs++;
          return storage.run(value, fn, first, second);
        },
      },
    });
    let current: Operation | undefined;
    await runtime.withOperation('carried', async () => {
      await Promise.resolve();
      runtime.defer(() => void (current = runtime.currentOperation()));
    });
    expect(current?.name).toBe('carried');
    expect(runs).toBe(1);
    expect(currentOperation()).toBeUndefined();
  });

  test('works that run at once are run by a carrier that extends the default one in its own way', async () => {
    let runs = 0;
    class Counting extends AsyncLocalStorageCarrier {
      override run<A, B, R>(value: unknown, fn: (first: A, second: B) => R, first: A, second: B): R {
        runs++;
        return super.run(value, fn, first, second);
      }
    }
    const runtime = createRuntime({ carrier: new Counting() });
    await runtime.withOperation({ concurrency: 2 }, () => {
      for (let index = 0; index < 3; index++) runtime.defer(async () => {});
    });
    expect(runs).toBe(4);
  });
});

describe('G15 fresh cancellation', () => {
  test("work.signal is not aborted because the operation's is, and follows the work's own signal while it runs", async () => {
    const controller = new AbortController();
    const states: boolean[] = [];
    const reason = new Error('stop');
    const operation = withOperation(() => {
      defer(
        async (work) => {
          states.push(work.operation.signal.aborted, work.signal.aborted);
          controller.abort(reason);
          states.push(work.signal.aborted);
          expect(work.signal.reason).toBe(reason);
        },
        { signal: controller.signal },
      );
      throw reason;
    });
    await expect(operation).rejects.toBe(reason);
    expect(states).toEqual([true, false, true]);
  });
});
