import { getEventListeners } from 'node:events';
import { defer, flush, withOperation, withTask } from 'deferqueue';
import type { Operation, Task } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate, settleMicrotasks } from '../support/gate.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('G6 boundary', () => {
  test('a task that rejects before its operation does keeps its own reason, also if it is asked for later', async () => {
    const reason = new Error('of the task');
    let task: Task | undefined;
    await withOperation(async () => {
      await withTask((it) => {
        task = it;
        throw reason;
      }).catch(() => {});
      throw new Error('of the operation');
    }).catch(() => {});
    expect(task?.signal.reason).toBe(reason);
  });

  test('the first abort counts, also where a later one comes without a reason', async () => {
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const operation = withOperation({ signal: controller.signal }, (current) => {
      ({ signal } = current);
      controller.abort('first');
      throw undefined;
    });
    await expect(operation).rejects.toBeUndefined();
    expect(signal?.reason).toBe('first');
  });

  test.each(['read before', 'read after'])(
    'a nested operation that rejects after the one around it keeps the reason of that one: its signal %s',
    async (when) => {
      const slow = gate();
      let nested: Operation | undefined;
      const outer = withOperation((operation) => {
        // The signal of the outer one is there, that of the nested one only where it is read before.
        expect(operation.signal.aborted).toBe(false);
        void withOperation(async (current) => {
          nested = current;
          if (when === 'read before') expect(current.signal.aborted).toBe(false);
          await slow.passed;
          throw 'nested';
        }).catch(() => {});
        throw 'outer';
      });
      await settleMicrotasks();
      slow.open();
      await expect(outer).rejects.toBe('outer');
      expect(nested?.signal.reason).toBe('outer');
    },
  );

  test('an operation follows its signal also when others that followed the same one have ended', async () => {
    const controller = new AbortController();
    await withOperation({ signal: controller.signal }, async ({ signal }) => {
      await withOperation({ signal: controller.signal }, (nested) => {
        expect(nested.signal.aborted).toBe(false);
      });
      expect(signal.aborted).toBe(false);
      controller.abort('stop');
      expect(signal.reason).toBe('stop');
    });
  });
});

describe('G6 boundary', () => {
  test('a signal reaches every level of deep nesting, the outermost first', async () => {
    const stop = new AbortController();
    const heard: number[] = [];
    const level = (depth: number): Promise<void> =>
      withOperation(async ({ signal }) => {
        await Promise.resolve();
        if (depth % 1000 === 0) signal.addEventListener('abort', () => heard.push(depth));
        if (depth > 0) return level(depth - 1);
        stop.abort('stop');
        expect(signal.reason).toBe('stop');
      });
    await withOperation({ signal: stop.signal }, () => level(5000));
    expect(heard).toEqual([5000, 4000, 3000, 2000, 1000, 0]);
  });
});

describe('G25 release', () => {
  test.each(['while it runs', 'when it has ended'])(
    'the signal of an operation without works, first read when that is over, tells of an abort %s',
    async (when) => {
      const controller = new AbortController();
      const nested: Operation[] = [];
      const operation = await withOperation({ signal: controller.signal }, async (current) => {
        await withOperation(async (inner) => {
          nested.push(inner);
          await Promise.resolve();
          if (when === 'while it runs') controller.abort('stop');
        });
        return current;
      });
      controller.abort('stop');
      const isAborted = when === 'while it runs';
      expect([operation, ...nested].map(({ signal }) => signal.aborted)).toEqual([isAborted, isAborted]);
    },
  );
});

describe('G19 run or discard', () => {
  test('a signal cancels every queued work that follows it, also when others have left the queue before', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const ran: string[] = [];
    await withOperation(async () => {
      const work = (name: string, on?: 'success'): ReturnType<typeof defer> =>
        defer(() => ran.push(name), { signal, name, on });
      const works = [work('first', 'success'), work('second', 'success'), work('flushed')];
      works[0]?.cancel();
      await flush();
      works.push(work('later'));
      controller.abort();
      expect(works.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'ran', 'cancelled']);
    });
    expect(ran).toEqual(['flushed']);
  });
});

describe('G25 release', () => {
  test('a signal has no listener left when everything that followed it has ended', async () => {
    const { signal } = new AbortController();
    await withOperation({ signal }, async (operation) => {
      expect(operation.signal.aborted).toBe(false);
      await withOperation({ signal }, (nested) => expect(nested.signal.aborted).toBe(false));
      await withTask('task', (task) => expect(task.signal.aborted).toBe(false));
      defer(() => {}, { signal }).cancel();
      defer((work) => expect(work.signal.aborted).toBe(false), { signal });
      expect(listeners(signal)).toBeGreaterThan(0);
    });
    expect(listeners(signal)).toBe(0);
  });

  test('neither has one that was aborted', async () => {
    const controller = new AbortController();
    await withOperation({ signal: controller.signal }, ({ signal }) => {
      defer(() => {}, { signal: controller.signal });
      controller.abort();
      expect(signal.aborted).toBe(true);
      expect(listeners(controller.signal)).toBe(0);
    });
  });
});
