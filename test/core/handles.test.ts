import { defer, flush, openOperation, settleOperation, use, withOperation, withTask } from 'deferqueue';
import type { Task, Work } from 'deferqueue';
import PQueue from 'p-queue';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gate, settleMicrotasks, turn } from '../support/gate.js';

afterEach(() => void vi.restoreAllMocks());

describe('G15 fresh cancellation', () => {
  test('a work, a task and an operation have one signal each, however often it is read', async () => {
    await withOperation(async (operation) => {
      expect(operation.signal).toBe(operation.signal);
      await withTask('task', (task) => expect(task.signal).toBe(task.signal));
      defer((work) => expect(work.signal).toBe(work.signal));
    });
  });

  test('the signal of a task that has rejected is aborted with its reason, also where it is first read later', async () => {
    const reason = new Error('expected');
    const tasks: Task[] = [];
    await withOperation(async () => {
      for (const fails of [true, false]) {
        const running = withTask('task', (task) => {
          tasks.push(task);
          if (fails) throw reason;
        });
        await running.catch(() => {});
      }
    });
    expect(tasks.map(({ signal }) => [signal.aborted, signal.reason as unknown])).toEqual([
      [true, reason],
      [false, undefined],
    ]);
  });
});

describe('G22 ledger', () => {
  test('whoever asks when a work has settled waits for the same report', async () => {
    await withOperation(() => {
      const deferred = defer(() => turn(), { name: 'work' });
      const { settled } = deferred;
      expect(deferred.settled).toBe(settled);
      void Promise.all([settled, deferred.settled]).then(([first, second]) => expect(first).toBe(second));
    });
  });

  test('a work that was kept beyond its end tells of no outcome', async () => {
    let kept!: Work;
    await withOperation(() => {
      defer((work) => {
        kept = work;
        expect(work.outcome?.status).toBe('fulfilled');
      });
    });
    expect(kept.outcome).toBeUndefined();
  });
});

describe('G4 validation first', () => {
  test('what is no function is named in the message', async () => {
    await withOperation((operation) => {
      expect(() => operation.run(undefined as never)).toThrow(
        'Expected `fn` to be a function, got undefined',
      );
      expect(() => operation.bind(1 as never)).toThrow('Expected `fn` to be a function, got 1 (number)');
    });
    await expect(withOperation(7 as never, () => {})).rejects.toThrow('Expected `options` to be');
    const fn = (): void => {};
    await expect(withOperation(fn as never, fn)).rejects.toThrow(
      'Expected `options` to be a name or an object, got fn (function)',
    );
  });
});

describe('G8 until nothing is left', () => {
  test('a chain leads through nested operations that defer to the outer one', async () => {
    const errors: unknown[] = [];
    let ran = 0;
    await withOperation(
      { maxChain: 2, onWorkError: (error) => errors.push(error), workErrors: 'report' },
      (outer) => {
        const link = (left: number) => (): Promise<unknown> => {
          ran++;
          return withOperation(() => void (left > 0 && outer.defer(link(left - 1))));
        };
        defer(link(5));
      },
    );
    expect(ran).toBe(2);
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_DEFERQUEUE_DEFER_CHAIN' })]);
  });
});

describe('G19 run or discard', () => {
  test('a discard of a work that has no root left to go to is waited for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const [function_, discard] = [gate(), gate()];
    let isOver = false;
    let reason: string | undefined;
    const root = settleOperation({ drainTimeout: 100 }, () => {
      defer(() => {
        const nested = withOperation(async () => {
          defer(() => {}, {
            until: 'root',
            discard: (why) => {
              reason = why;
              return discard.passed;
            },
          });
          await function_.passed;
        });
        void nested.then(() => (isOver = true));
      });
    });
    await turn();
    await vi.advanceTimersByTimeAsync(100);
    await root;
    vi.useRealTimers();
    function_.open();
    await settleMicrotasks();
    await turn();
    expect([reason, isOver]).toEqual(['abandoned', false]);
    discard.open();
    await turn();
    expect(isOver).toBe(true);
  });
});

describe('G11 concurrency', () => {
  test('a queue that is broken makes the operation reject with its error', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const broken = new Error('broken queue');
    const ran: string[] = [];
    await expect(
      withOperation({ concurrency: queue }, async () => {
        defer(() => ran.push('flushed'));
        await flush();
        queue.pause();
        Object.defineProperty(queue, 'isPaused', {
          get() {
            throw broken;
          },
        });
        defer(() => ran.push('never'), { discard: (reason) => ran.push(reason) });
        use({ [Symbol.dispose]: () => ran.push('disposed') });
        await expect(flush()).rejects.toBe(broken);
      }),
    ).rejects.toBe(broken);
    expect(ran).toEqual(['flushed', 'abandoned', 'disposed']);
  });

  test('a queue that takes no jobs is told of once for an operation, whatever it drains', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const queue = new PQueue({ concurrency: 2 });
    queue.add = () => Promise.reject(new Error('closed for today'));
    let ran = 0;
    await withOperation({ concurrency: queue }, async () => {
      defer(() => void ran++);
      await flush();
      defer(() => void ran++);
    });
    expect(ran).toBe(2);
    expect(warned).toHaveBeenCalledTimes(1);
  });
});

describe('G25 release', () => {
  test('a task that is kept does not keep what its function fulfilled with', async () => {
    const keep = async (): Promise<[Task, WeakRef<object>]> => {
      let kept!: Task;
      let value!: WeakRef<object>;
      await withOperation(async () => {
        await withTask('task', async (task) => {
          kept = task;
          const result = { large: Array.from({ length: 1000 }) };
          value = new WeakRef(result);
          return result;
        });
      });
      return [kept, value];
    };
    const [task, value] = await keep();
    for (let turns = 0; turns < 5; turns++) {
      await turn();
      globalThis.gc?.();
    }
    expect(value.deref()).toBeUndefined();
    expect(task.state).toBe('closed');
  });
});

describe('G9 seal', () => {
  test('fail() of an operation that is being closed comes too late', async () => {
    const operation = openOperation();
    const running = gate();
    operation.defer(() => running.passed);
    const closing = operation.close();
    expect(() => operation.fail(new Error('late'))).toThrow(
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_OPERATION_CLOSED' }),
    );
    running.open();
    await closing;
  });

  test('of several fail() the first counts', async () => {
    const operation = openOperation();
    const [first, second] = [new Error('first'), new Error('second')];
    let reason: unknown;
    operation.defer((work) => void (reason = work.outcome?.status === 'rejected' && work.outcome.reason));
    operation.fail(first);
    operation.fail(second);
    expect(operation.signal.reason).toBe(first);
    await operation.close();
    expect(reason).toBe(first);
  });
});
