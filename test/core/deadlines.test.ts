import {
  defer,
  DrainTimeoutError,
  flush,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
  WorkTimeoutError,
} from 'deferqueue';
import type { DeferOptions, Operation, OperationOptions, OperationReport, WorkReport } from 'deferqueue';
import PQueue from 'p-queue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gate, settleMicrotasks, turn } from '../support/gate.js';

const { setImmediate: realImmediate } = globalThis;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => {});

/** Lets fake time pass, and all that follows from it happen. */
const pass = async (milliseconds: number): Promise<void> => {
  await rest();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await rest();
};

const rest = async (): Promise<void> => {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => realImmediate(resolve));
};

/** Serial and concurrent drains keep the same deadlines. */
const LIMITS: [string, OperationOptions][] = [
  ['one at a time', {}],
  ['two at a time', { concurrency: 2 }],
  [
    'through a queue',
    {
      get concurrency() {
        return new PQueue({ concurrency: 2 });
      },
    },
  ],
];

describe.each(LIMITS)('G23 the timeout of a work, %s', (_name, limits) => {
  test('ends the work as timed-out and lets the drain go on', async () => {
    const log: string[] = [];
    const heard: [unknown, WorkReport][] = [];
    const operation = settleOperation(
      { ...limits, report: 'full', onWorkError: (error, work) => heard.push([error, work]) },
      () => {
        defer(never, { name: 'stuck', timeout: 100 });
        defer(never, { name: 'stuck too', timeout: 100 });
        defer(() => void log.push('next'), { name: 'next' });
      },
    );
    await pass(99);
    expect(log).toEqual([]);
    await pass(101);
    const { report } = await operation;
    expect(log).toEqual(['next']);
    expect(report.counts).toMatchObject({ ran: 1, 'timed-out': 2 });
    expect(heard).toHaveLength(2);
    const [error, row] = heard[0]!;
    expect(error).toBeInstanceOf(WorkTimeoutError);
    expect(error).toMatchObject({ code: 'ERR_DEFERQUEUE_WORK_TIMEOUT', timeout: 100 });
    expect((error as Error).message).toContain('"stuck"');
    expect(row).toMatchObject({ name: 'stuck', state: 'timed-out', reason: error });
    expect(report.works?.[0]).toBe(row);
  });

  test('aborts the signal of the work with that error, and not the one of the operation', async () => {
    let reason: unknown;
    let operationAborted: boolean | undefined;
    const operation = withOperation({ ...limits }, (it) => {
      defer(
        (work) =>
          new Promise((_resolve, reject) => {
            work.signal.addEventListener('abort', () => {
              ({ reason } = work.signal);
              operationAborted = it.signal.aborted;
              reject(new Error('aborted'));
            });
          }),
        { timeout: 50 },
      );
    });
    const settled = operation.catch((error: unknown) => error);
    await pass(50);
    const error = await settled;
    expect(error).toMatchObject({ code: 'ERR_DEFERQUEUE_DEFERRED_WORK', errors: [reason] });
    expect(reason).toBeInstanceOf(WorkTimeoutError);
    expect(operationAborted).toBe(false);
  });

  test('counts from the entry of the work', async () => {
    const first = gate();
    const operation = settleOperation({ ...limits, concurrency: 1 }, () => {
      defer(() => first.passed);
      defer(never, { timeout: 100 });
    });
    await pass(1000);
    first.open();
    await pass(99);
    expect(vi.getTimerCount()).toBe(1);
    await pass(1);
    expect((await operation).report.counts).toMatchObject({ ran: 1, 'timed-out': 1 });
  });

  test('leaves a work alone that settles in time, and no timer behind', async () => {
    const done = gate();
    const operation = settleOperation({ ...limits }, () => {
      defer(() => done.passed, { timeout: 100 });
      defer(() => {}, { timeout: 100 });
      defer(
        () => {
          throw new Error('at once');
        },
        { timeout: 100 },
      );
    });
    await pass(99);
    done.open();
    await rest();
    expect((await operation).report.counts).toMatchObject({ ran: 2, failed: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('without a limit there is no timer', async () => {
    const done = gate();
    const operation = withOperation({ ...limits, drainTimeout: Infinity }, () => {
      defer(() => done.passed, { timeout: Infinity });
    });
    await rest();
    expect(vi.getTimerCount()).toBe(0);
    done.open();
    await operation;
  });

  test('what the work does later is dropped, its rejection too', async () => {
    const late = gate();
    const heard: unknown[] = [];
    let settled: WorkReport | undefined;
    const operation = settleOperation({ ...limits, onWorkError: (error) => heard.push(error) }, () => {
      const work = defer(() => late.passed, { timeout: 10 });
      void work.settled.then((report) => (settled = report));
    });
    await pass(10);
    const { report } = await operation;
    late.fail(new Error('late'));
    await rest();
    expect(report.counts['timed-out']).toBe(1);
    expect(heard).toHaveLength(1);
    expect(settled?.state).toBe('timed-out');
  });

  test('a signal that is first read after the end is aborted', async () => {
    let signal: (() => AbortSignal) | undefined;
    const operation = settleOperation({ ...limits }, () => {
      defer(
        (work) => {
          signal = () => work.signal;
          return never();
        },
        { timeout: 10 },
      );
    });
    await pass(10);
    await operation;
    expect(signal?.().aborted).toBe(true);
    expect(signal?.().reason).toBeInstanceOf(WorkTimeoutError);
  });

  test("holds in a flush and at a task's end", async () => {
    const log: string[] = [];
    const operation = withOperation({ ...limits, workErrors: 'report', onWorkError: () => {} }, async () => {
      defer(never, { timeout: 10 });
      defer(() => void log.push('flushed'));
      log.push(`flushed ${await flush()}`);
      await withTask('task', () => {
        defer(never, { timeout: 10, until: 'task' });
        defer(() => void log.push('end'), { until: 'task' });
      });
      log.push('task');
    });
    await pass(10);
    await pass(10);
    await operation;
    expect(log).toEqual(['flushed', 'flushed 2', 'end', 'task']);
  });

  test('a task that a timed-out work has started is still waited for', async () => {
    const task = gate();
    let closed = false;
    const operation = settleOperation({ ...limits }, () => {
      defer(() => withTask('inner', () => task.passed), { timeout: 10 });
    });
    void operation.then(() => (closed = true));
    await pass(100);
    expect(closed).toBe(false);
    task.open();
    await rest();
    expect((await operation).report.counts['timed-out']).toBe(1);
  });

  test('a timeout beyond what a timer can take does not fire at once', async () => {
    const done = gate();
    const month = 31 * 24 * 60 * 60 * 1000;
    const operation = settleOperation({ ...limits }, () => {
      defer(() => done.passed, { timeout: month });
      defer(never, { timeout: month });
    });
    await pass(1000);
    done.open();
    await pass(2 ** 31);
    expect(vi.getTimerCount()).toBe(1);
    await pass(month - 2 ** 31 - 1001);
    expect(vi.getTimerCount()).toBe(1);
    // One at a time, the second work is entered when the first one is done.
    await pass(1001);
    expect(vi.getTimerCount()).toBe(0);
    expect((await operation).report.counts).toMatchObject({ ran: 1, 'timed-out': 1 });
  });

  test('a work whose own code lets the time pass ends once', async () => {
    const operation = settleOperation({ ...limits }, () => {
      defer(
        () => {
          vi.advanceTimersByTime(20);
          return Promise.reject(new Error('dropped'));
        },
        { timeout: 10 },
      );
      defer(
        () => {
          vi.advanceTimersByTime(20);
          throw new Error('dropped');
        },
        { timeout: 10 },
      );
      defer(() => {});
    });
    await rest();
    expect((await operation).report.counts).toMatchObject({ ran: 1, 'timed-out': 2 });
  });

  test('a work that runs outside any operation keeps its timeout', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const work = defer(never, { outside: 'run', timeout: 10 });
    await pass(10);
    expect(await work.settled).toMatchObject({ state: 'timed-out' });
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });
});

test.each(LIMITS)('G23 a discard that does not settle is no stuck work, %s', async (_name, limits) => {
  const operation = withOperation({ ...limits, drainTimeout: 100 }, () => {
    defer(() => {}, { on: 'failure', discard: never });
    defer(never, { name: 'late', until: 'operation' });
  });
  const rejection = operation.catch((error: unknown) => error);
  await pass(100);
  await pass(100);
  const stuck = ((await rejection) as DrainTimeoutError).stuck.map(({ name }) => name);
  expect(stuck).not.toContain(undefined);
  expect(await rejection).toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' });
  expect(await rejection).toMatchObject({ message: expect.stringContaining('discards: 1') as unknown });
});

describe('G18 the way to the root past an operation that was cut short', () => {
  /** An operation in an operation that is cut short while the inner one still runs; both are in a root. */
  const cutAround = async (
    inner: (ran: string[]) => unknown,
    { settles }: { settles: 'before the root drains' | 'after it' | 'never' },
  ): Promise<{ ran: string[]; report: OperationReport }> => {
    const ran: string[] = [];
    const [opened, rootEnds] = [gate(), gate()];
    const root = settleOperation({ name: 'root' }, async () => {
      await withOperation({ name: 'cut', drainTimeout: 100, workErrors: 'report' }, () => {
        defer(() => void withOperation({ name: 'left' }, () => (inner(ran), opened.passed)));
      });
      await rootEnds.passed;
    });
    await pass(100);
    if (settles === 'before the root drains') opened.open(undefined);
    await rest();
    rootEnds.open(undefined);
    await rest();
    if (settles === 'after it') opened.open(undefined);
    const { report } = await root;
    return { ran, report };
  };

  const deferAll = (ran: string[]): void => {
    for (const on of ['always', 'success', 'failure'] as const)
      defer(({ outcome }) => void ran.push(`${on}: ${outcome?.status}`), { on, until: 'root' });
  };
  const nested = (ran: string[]): unknown => withOperation({ name: 'inner' }, () => deferAll(ran));

  test.each(['before the root drains', 'after it', 'never'] as const)(
    'works of one that has ended in one that goes on: it settles %s',
    async (settles) => {
      const { ran, report } = await cutAround(nested, { settles });
      expect(ran).toEqual(['always: rejected', 'failure: rejected']);
      expect(report).toMatchObject({ registered: 3, counts: { ran: 2, skipped: 1 } });
    },
  );

  test('works of the one that goes on, which ends in time for the root', async () => {
    const { ran } = await cutAround(deferAll, { settles: 'before the root drains' });
    expect(ran).toEqual(['always: rejected', 'failure: rejected']);
  });

  test('an operation that ended before the cut succeeded', async () => {
    const ran: string[] = [];
    const root = withOperation(async () => {
      await withOperation({ drainTimeout: 100, workErrors: 'report' }, () => {
        defer(async () => {
          await withOperation(() => deferAll(ran));
          await never();
        });
      });
    });
    await pass(100);
    await root;
    expect(ran).toEqual(['always: fulfilled', 'success: fulfilled']);
  });
});

describe('G15 fresh cancellation', () => {
  test('the signal of a work aborts with the signal option while the work runs', async () => {
    const controller = new AbortController();
    let reason: unknown;
    const operation = settleOperation('op', () => {
      defer(
        (work) =>
          new Promise((resolve) => {
            work.signal.addEventListener('abort', () => resolve((reason = work.signal.reason)));
          }),
        { signal: controller.signal, timeout: 1000 },
      );
    });
    await rest();
    controller.abort('enough');
    expect((await operation).report.counts.ran).toBe(1);
    expect(reason).toBe('enough');
  });

  test('the signal of the operation does not abort works, nor does its rejection', async () => {
    const controller = new AbortController();
    const aborted: boolean[] = [];
    const operation = settleOperation({ signal: controller.signal }, () => {
      defer((work) => void aborted.push(work.signal.aborted));
      controller.abort();
      throw new Error('failed');
    });
    await operation;
    expect(aborted).toEqual([false]);
  });
});

describe.each(LIMITS)('G23 drainTimeout, %s', (_name, limits) => {
  const drainTimeout = 100;

  test('aborts what runs, abandons what is queued and closes the operation', async () => {
    const log: string[] = [];
    const heard: unknown[] = [];
    let states: string[] = [];
    let operation!: Operation;
    const discard =
      (name: string): DeferOptions['discard'] =>
      (reason) => {
        log.push(`${name} ${reason}`);
        states = [...states, operation.state];
        expect(() => defer(() => {})).toThrow(
          expect.objectContaining({ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' }),
        );
      };
    const promise = withOperation(
      { name: 'import', ...limits, drainTimeout, report: 'full', onWorkError: (error) => heard.push(error) },
      async (it) => {
        operation = it;
        defer(() => {}, { discard: discard('own') });
        defer(() => {}, { discard: discard('own 2'), on: 'failure' });
        await withTask('task', () => {
          defer(
            (work) => {
              work.signal.addEventListener('abort', () => log.push((work.signal.reason as Error).name));
              return never();
            },
            { name: 'index' },
          );
          defer(() => {}, { name: 'thumbnail', discard: discard('task') });
        });
        return 'value';
      },
    );
    const rejection = promise.catch((error: unknown) => error);
    await pass(99);
    expect(operation.state).toBe('draining');
    await pass(1);
    const error = (await rejection) as DrainTimeoutError;
    expect(error).toBeInstanceOf(DrainTimeoutError);
    expect(log).toEqual(['WorkTimeoutError', 'task abandoned', 'own abandoned', 'own 2 abandoned']);
    expect(states).toEqual(['closed', 'closed', 'closed']);
    expect(error).toMatchObject({
      code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT',
      value: 'value',
      stuck: [{ name: 'index', task: 'task', ranFor: 100 }],
      report: { outcome: 'success', registered: 4, counts: { 'timed-out': 1, abandoned: 3 } },
    });
    expect(error.message).toContain('"import"');
    expect(heard).toMatchObject([
      {
        timeout: 100,
        message: expect.stringMatching(
          /^Work item "index" of operation "import" \(#\d+\) did not settle before the drainTimeout of 100 ms was over\. /,
        ) as unknown,
      },
    ]);
    expect(operation.signal.reason).toMatchObject({
      name: 'DrainTimeoutError',
      errors: [],
      value: undefined,
    });
    expect(error.message).toContain('"index" (for 100 ms)');
    expect(error.message).toContain('Abandoned in the queue: 3');
    expect(error.errors).toEqual(heard);
    expect(heard).toMatchObject([{ code: 'ERR_DEFERQUEUE_WORK_TIMEOUT', timeout: 100 }]);
    expect(operation.signal.reason).toMatchObject({
      name: 'DrainTimeoutError',
      stuck: error.stuck,
      value: undefined,
    });
    expect(operation.pending).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(Object.isFrozen(error.stuck) && Object.isFrozen(error.errors)).toBe(true);
  });

  test('what is stuck is named in the order in which it was entered, in whatever drain', async () => {
    const [first, second] = [gate(), gate()];
    const operation = withOperation({ concurrency: 3, drainTimeout }, () => {
      defer(
        () =>
          withTask('inner', async () => {
            await first.passed;
            defer(never, { name: 'flushed' });
            await flush();
          }),
        { name: 'flushes' },
      );
      defer(() => second.passed, { name: 'first' });
      defer(never, { name: 'stuck' });
      defer(() => void setTimeout(() => {}, 0), { name: 'next' });
      defer(
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          await never();
        },
        { name: 'last' },
      );
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(10);
    first.open();
    await pass(20);
    second.open();
    await pass(70);
    const { stuck, message } = (await rejection) as DrainTimeoutError;
    expect(stuck).toEqual([
      { name: 'flushes', ranFor: 100 },
      { name: 'stuck', ranFor: 100 },
      { name: 'flushed', task: 'inner', ranFor: 90 },
      { name: 'last', ranFor: 70 },
    ]);
    expect(message).toContain('"flushed"');
  });

  test('works of the queue of a task are abandoned when another one of it was cancelled or flushed', async () => {
    const operation = settleOperation({ ...limits, drainTimeout, concurrency: 2 }, async () => {
      await withTask('task', async () => {
        const cancelled = defer(() => {});
        defer(never, { on: 'success' });
        defer(() => {});
        defer(() => {}, { on: 'success', name: 'left' });
        cancelled.cancel();
        await flush();
      });
    });
    await pass(100);
    await pass(100);
    const { report } = await operation;
    expect(report.counts).toMatchObject({ cancelled: 1, ran: 1, 'timed-out': 1, abandoned: 1 });
  });

  test('counts from the boundary, and is over with the drain', async () => {
    const body = gate();
    const operation = withOperation({ ...limits, drainTimeout }, async () => {
      defer(() => {});
      await body.passed;
    });
    await pass(1000);
    body.open();
    await operation;
    expect(vi.getTimerCount()).toBe(0);
  });

  test("yields to the function's own reason, and is a process warning then", async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const reason = new Error('own');
    const operation = withOperation({ ...limits, drainTimeout }, () => {
      defer(never);
      throw reason;
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(100);
    expect(await rejection).toBe(reason);
    expect(warned).toHaveBeenCalledOnce();
    expect(warned.mock.calls[0]?.[0]).toMatchObject({ cause: { code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT' } });
    warned.mockRestore();
  });

  test("with workErrors: 'report' the operation fulfils, and onWorkError has heard the works", async () => {
    const heard: unknown[] = [];
    const options: OperationOptions = { ...limits, drainTimeout, workErrors: 'report' };
    const operation = withOperation({ ...options, onWorkError: (error) => heard.push(error) }, () => {
      defer(never);
      return 'value';
    });
    await pass(100);
    expect(await operation).toBe('value');
    expect(heard).toMatchObject([{ code: 'ERR_DEFERQUEUE_WORK_TIMEOUT' }]);
  });

  test('settleOperation tells it in the report alone', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const operation = settleOperation({ ...limits, drainTimeout, concurrency: 1 }, () => {
      defer(never);
      defer(never);
    });
    await pass(100);
    const { outcome, report } = await operation;
    expect(outcome.status).toBe('fulfilled');
    expect(report.counts).toMatchObject({ 'timed-out': 1, abandoned: 1 });
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  test('does not wait for tasks and nested operations that works have started', async () => {
    const late: unknown[] = [];
    let signals: AbortSignal[] = [];
    const inner = gate();
    const operation = withOperation({ ...limits, drainTimeout }, () => {
      defer(() => {
        void withTask('task', async (task) => {
          signals = [...signals, task.signal];
          await inner.passed;
          try {
            defer(() => {});
          } catch (error) {
            late.push(error);
          }
        });
        void withOperation(async (nested) => {
          signals = [...signals, nested.signal];
          await inner.passed;
          defer(() => void late.push('nested work'));
          defer(() => void late.push('never'), {
            until: 'root',
            discard: (reason) => void late.push(reason),
          });
        });
      });
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(100);
    expect(await rejection).toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_TIMEOUT', stuck: [] });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
    inner.open();
    await rest();
    expect(late).toMatchObject([{ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' }, 'nested work', 'abandoned']);
  });

  test('works of a flush and of the end of a task in the drain are aborted as well', async () => {
    const log: string[] = [];
    const operation = settleOperation({ ...limits, concurrency: 3, drainTimeout, report: 'full' }, () => {
      defer(
        () =>
          withTask('a', () => {
            defer(never, { name: 'end', until: 'task' });
            defer(() => {}, {
              name: 'end 2',
              until: 'task',
              discard: (reason) => void log.push(`end 2 ${reason}`),
            });
          }).then(() => log.push('task a')),
        { name: 'work a' },
      );
      defer(
        () =>
          withTask('b', async () => {
            defer(never, { name: 'flushed' });
            log.push(`flushed ${await flush()}`);
          }),
        { name: 'work b' },
      );
    });
    await pass(100);
    const { report } = await operation;
    await rest();
    expect(report.works?.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
      'end 2 abandoned',
      'end timed-out',
      'flushed timed-out',
      'work a timed-out',
      'work b timed-out',
    ]);
    expect(log).toEqual(['end 2 abandoned', 'task a', 'flushed 1']);
  });

  test('works that wait for the root are handed to it all the same', async () => {
    const log: string[] = [];
    const operation = withOperation('outer', async () => {
      await withOperation({ ...limits, drainTimeout }, () => {
        defer(() => void log.push('at the root'), { until: 'root', on: 'success' });
        defer(never);
      }).catch((error: { code: string }) => log.push(error.code));
    });
    await pass(100);
    await operation;
    expect(log).toEqual(['ERR_DEFERQUEUE_DRAIN_TIMEOUT', 'at the root']);
  });

  test('resources are disposed all the same, one by one, and waited for', async () => {
    const log: string[] = [];
    const second = gate();
    let settled = false;
    const operation = settleOperation({ ...limits, drainTimeout }, () => {
      use({ [Symbol.dispose]: () => void log.push('first') });
      use({
        [Symbol.asyncDispose]: async () => {
          log.push('second');
          await second.passed;
        },
      });
      defer(never);
    });
    void operation.then(() => (settled = true));
    await pass(100);
    expect(log).toEqual(['second']);
    await pass(99);
    expect(settled).toBe(false);
    second.open();
    await rest();
    expect(log).toEqual(['second', 'first']);
    expect(settled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('disposers and discards together are waited for at most as long again', async () => {
    const log: string[] = [];
    const operation = settleOperation({ ...limits, drainTimeout, concurrency: 1 }, () => {
      use({ [Symbol.dispose]: () => void log.push('first') });
      use({ [Symbol.asyncDispose]: () => (log.push('second'), never()) });
      use({ [Symbol.asyncDispose]: () => (log.push('third'), never()) });
      defer(never);
      defer(() => {}, { discard: never });
    });
    await pass(100);
    expect(log).toEqual(['third']);
    await pass(100);
    await operation;
    expect(log).toEqual(['third', 'second', 'first']);
  });

  test('a disposer that hangs in the drain is named, and has as long again', async () => {
    const disposing = gate();
    const operation = withOperation({ ...limits, drainTimeout }, () => {
      class Connection {
        [Symbol.asyncDispose](): Promise<void> {
          return disposing.passed;
        }
      }
      use(new Connection());
      defer(() => {});
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(150);
    disposing.fail(new Error('broken pipe'));
    await rest();
    expect(((await rejection) as Error).message).toMatch(
      /still running: "dispose Connection" \(for 100 ms\)$/,
    );
    expect(await rejection).toMatchObject({
      stuck: [{ name: 'dispose Connection', ranFor: 100 }],
      errors: [new Error('broken pipe')],
      report: { counts: { ran: 1 } },
    });
  });

  test('a disposer that hangs in the drain and never ends is named once', async () => {
    const operation = withOperation({ ...limits, drainTimeout }, () => {
      use({ [Symbol.asyncDispose]: never });
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(200);
    expect(((await rejection) as Error).message).toMatch(/still running: "dispose" \(for 100 ms\)$/);
  });

  test('what fails after the operation has settled is a process warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const late = gate();
    const operation = settleOperation({ ...limits, drainTimeout, concurrency: 1 }, () => {
      defer(never);
      defer(() => {}, { name: 'mail', discard: () => late.passed });
    });
    await pass(200);
    await operation;
    expect(warned).not.toHaveBeenCalled();
    late.fail(new Error('late'));
    await rest();
    expect(warned.mock.calls).toMatchObject([
      [
        {
          code: 'DEFERQUEUE_LATE_FAILURE',
          message: '"mail" failed after its operation had ended',
          cause: new Error('late'),
        },
      ],
    ]);
    warned.mockRestore();
  });

  test('close() rejects with it, and resolves after fail()', async () => {
    const open = openOperation({ ...limits, drainTimeout });
    open.defer(never);
    const closing = open.close().catch((error: unknown) => error);
    await pass(100);
    expect(await closing).toBeInstanceOf(DrainTimeoutError);

    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const failed = openOperation({ ...limits, drainTimeout });
    failed.defer(never);
    failed.fail(new Error('no'));
    const report = failed.close();
    await pass(100);
    expect(await report).toMatchObject({ outcome: 'failure', counts: { 'timed-out': 1 } });
    warned.mockRestore();
  });

  test('an enclosing operation waits until the resources of the nested one are disposed', async () => {
    const log: string[] = [];
    const disposing = gate();
    const operation = withOperation('outer', () => {
      defer(() => void log.push('outer work'));
      void withOperation({ ...limits, drainTimeout }, () => {
        use({ [Symbol.asyncDispose]: () => disposing.passed });
        defer(never);
      }).catch(() => log.push('inner rejected'));
    });
    await pass(150);
    expect(log).toEqual([]);
    disposing.open();
    await rest();
    await operation;
    expect(log).toEqual(['inner rejected', 'outer work']);
  });

  test('what is called while it ends can begin nothing in it', async () => {
    const refused: unknown[] = [];
    const operation = settleOperation(
      {
        ...limits,
        drainTimeout,
        onWorkError: () => void flush().catch((error: unknown) => refused.push(error)),
      },
      (it) => {
        defer(({ signal }) => {
          signal.addEventListener('abort', () => {
            refused.push(it.state);
            void it.run(() => withTask('late', () => {})).catch((error: unknown) => refused.push(error));
          });
          return never();
        });
      },
    );
    await pass(100);
    const { report } = await operation;
    expect(report).toMatchObject({ registered: 1, counts: { 'timed-out': 1 } });
    expect(refused).toMatchObject(['closed', { code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' }, {}]);
    expect((refused[1] as Error).message).toContain(
      'was terminated by its drainTimeout, its drainSignal or shutdown()',
    );
  });

  test('a function that has joined it and ends later still gets its report', async () => {
    const joined = gate();
    let inner: OperationReport | undefined;
    const operation = settleOperation({ ...limits, drainTimeout }, () => {
      defer(() => {
        void settleOperation({ nesting: 'join' }, () => joined.passed).then(({ report }) => (inner = report));
      });
      defer(never);
    });
    await pass(100);
    const { report } = await operation;
    joined.open();
    await rest();
    expect(inner).toEqual(report);
    expect(report.registered).toBe(2);
  });

  test('for how long a work without options ran is told as for any other', async () => {
    const operation = withOperation({ ...limits, drainTimeout }, () => void defer(never));
    const rejection = operation.catch((error: unknown) => error);
    await pass(100);
    expect(await rejection).toMatchObject({ stuck: [{ name: 'never', ranFor: 100 }] });
  });

  test('works without a name are named after their functions, and what else was waited for is counted', async () => {
    const sendMail = never;
    const operation = withOperation({ ...limits, drainTimeout, concurrency: 2 }, () => {
      defer(sendMail);
      defer(() => void withTask('task', never));
      defer(() => {}, { discard: never }).cancel();
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(100);
    await pass(100);
    const error = (await rejection) as DrainTimeoutError;
    expect(error.stuck).toEqual([{ name: 'never', ranFor: 100 }]);
    expect(error.message).toMatch(
      /:\n {2}"never" \(for 100 ms\)\n {2}tasks, nested operations or the like: 1\n {2}discards: 1$/,
    );
  });

  test('a disposer that is called afterwards and never ends is named', async () => {
    class Connection {
      [Symbol.asyncDispose](): Promise<void> {
        return never();
      }
    }
    class InTime {
      async [Symbol.asyncDispose](): Promise<void> {
        await Promise.resolve();
      }
    }
    const operation = withOperation({ ...limits, drainTimeout }, () => {
      use(new InTime());
      use(new Connection());
      use(new InTime());
      defer(never, { name: 'index' });
    });
    const rejection = operation.catch((error: unknown) => error);
    await pass(100);
    await pass(100);
    const error = (await rejection) as DrainTimeoutError;
    expect(error.stuck).toMatchObject([{ name: 'index' }]);
    // The last one was called when the time was over, and was not waited for.
    expect(error.message).toMatch(/:\n {2}"index" \(for 100 ms\)\n {2}"dispose Connection"/);
    expect(error.message).not.toMatch(/"dispose Connection"\n {2}"dispose InTime"\n/);
  });

  test('ends the operation also where the time passes in a work that is being entered', async () => {
    const operation = settleOperation({ ...limits, drainTimeout }, () => {
      defer(() => {
        void withTask('hangs', never);
        vi.advanceTimersByTime(101);
      });
      defer(() => {});
    });
    await rest();
    expect((await operation).report.counts).toMatchObject({ 'timed-out': 1, abandoned: 1 });
  });

  test('a paused queue cannot hold the operation for longer', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const queue = new PQueue({ autoStart: false });
    let ran = false;
    const operation = settleOperation({ concurrency: queue, drainTimeout }, () => {
      defer(() => void (ran = true));
    });
    await pass(100);
    expect((await operation).report.counts.abandoned).toBe(1);
    queue.start();
    await rest();
    expect(ran).toBe(false);
    warned.mockRestore();
  });
});

test('deadlines go by the timers of the moment, and the turn of the loop does not', async () => {
  const operation = settleOperation('op', () => {
    for (let index = 0; index < 3; index++) defer(() => turn());
  });
  expect((await operation).report.counts.ran).toBe(3);
  await settleMicrotasks();
});
