import { currentOperation, defer, settleOperation, withOperation, withTask } from 'deferqueue';
import type { Deferred } from 'deferqueue';
import { describe, expect, test } from 'vitest';

describe('G27 keys', () => {
  test('last, the default, keeps the later with its own options, at the tail', async () => {
    const ran: string[] = [];
    const discarded: unknown[] = [];
    const { report } = await settleOperation('operation', () => {
      defer(() => ran.push('first'), { key: 'k', data: 1, discard: (...args) => discarded.push(args) });
      defer(() => ran.push('between'));
      defer((work) => ran.push(`last ${work.data}`), { key: 'k', data: 2 });
    });
    expect(ran).toEqual(['between', 'last 2']);
    expect(discarded).toEqual([['replaced', 1]]);
    expect(report.counts).toMatchObject({ ran: 2, replaced: 1 });
  });

  test('first keeps the earlier in its place', async () => {
    const ran: string[] = [];
    const discarded: unknown[] = [];
    let later: Deferred | undefined;
    const { report } = await settleOperation('operation', () => {
      defer(() => ran.push('first'), { key: 'k' });
      defer(() => ran.push('between'));
      later = defer(() => ran.push('later'), {
        key: 'k',
        data: 2,
        coalesce: 'first',
        discard: (...args) => discarded.push(args),
      });
      expect(later.state).toBe('replaced');
    });
    expect(ran).toEqual(['first', 'between']);
    expect(discarded).toEqual([['replaced', 2]]);
    expect(report.counts).toMatchObject({ ran: 2, replaced: 1 });
  });

  test('a function merges the data of both into the later', async () => {
    const ran: unknown[] = [];
    await withOperation(() => {
      for (const id of [1, 2, 3]) {
        defer((work) => ran.push(work.data), {
          key: 'invalidate',
          data: [id],
          coalesce: (earlier, later) => [...earlier, ...later],
        });
      }
      defer(() => ran.push('other'));
    });
    expect(ran).toEqual([[1, 2, 3], 'other']);
  });

  test('the later call decides how', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      defer(() => ran.push('a1'), { key: 'a', coalesce: 'first' });
      defer(() => ran.push('a2'), { key: 'a' });
      defer(() => ran.push('b1'), { key: 'b' });
      defer(() => ran.push('b2'), { key: 'b', coalesce: 'first' });
    });
    expect(ran).toEqual(['a2', 'b1']);
  });

  test('a merge that throws leaves defer, and the earlier work as it was', async () => {
    const ran: unknown[] = [];
    const error = new Error('merge');
    const { report } = await settleOperation('operation', (operation) => {
      defer((work) => ran.push(work.data), { key: 'k', data: 'earlier' });
      expect(() =>
        defer((work) => ran.push(work.data), {
          key: 'k',
          data: 'later',
          coalesce: () => {
            throw error;
          },
        }),
      ).toThrow(error);
      expect(operation.pending).toBe(1);
      defer((work) => ran.push(work.data), { key: 'k', data: 'third', coalesce: (a, b) => `${a}+${b}` });
    });
    expect(ran).toEqual(['earlier+third']);
    expect(report.registered).toBe(2);
  });

  test('a merge may defer, cancel and abort, and what is there afterwards counts', async () => {
    const ran: string[] = [];
    const controller = new AbortController();
    const merging = (act: () => unknown) => ({
      key: 'a',
      coalesce: (): undefined => {
        act();
        return undefined;
      },
    });
    const { report } = await settleOperation({ maxPending: 1 }, () => {
      const earlier = defer(() => ran.push('cancelled'), { key: 'a' });
      defer(
        () => ran.push('after cancel'),
        merging(() => earlier.cancel()),
      );
      defer(
        () => ran.push('after defer'),
        merging(() => defer(() => ran.push('deferred by the merge'), { key: 'a' })),
      );
      const aborted = defer(() => ran.push('aborted'), {
        ...merging(() => controller.abort()),
        signal: controller.signal,
      });
      expect(aborted.state).toBe('cancelled');
    });
    expect(ran).toEqual(['after defer']);
    expect(report).toMatchObject({ registered: 5, counts: { ran: 1, cancelled: 2, replaced: 2 } });
  });

  test('twins have the same queue, key, on and until, and are both still queued', async () => {
    const ran: string[] = [];
    const key = 'k';
    await withOperation(() =>
      withOperation(async () => {
        defer(() => ran.push('own'), { key });
        defer(() => ran.push('on success'), { key, on: 'success' });
        defer(() => ran.push('root'), { key, until: 'root' });
        defer(() => ran.push('other key'), { key: 'K' });
        defer(() => ran.push('number'), { key: 1 });
        defer(() => ran.push('string'), { key: '1' });
        await withTask('task', () => {
          defer(() => ran.push('task'), { key });
          defer(() => ran.push('end'), { key, until: 'task' });
        });
        defer(() => ran.push('again'), { key });
        defer(() => ran.push('no key'));
        defer(() => ran.push('no key'));
      }),
    );
    expect(ran).toEqual([
      'end',
      'task',
      'on success',
      'other key',
      'number',
      'string',
      'again',
      'no key',
      'no key',
      'root',
    ]);
  });

  test('a work that runs, ran or was cancelled is no twin', async () => {
    const ran: string[] = [];
    await withOperation(() => {
      defer(() => ran.push('cancelled'), { key: 'k' }).cancel();
      defer(
        () => {
          ran.push('running');
          defer(() => ran.push('deferred by it'), { key: 'k' });
        },
        { key: 'k' },
      );
    });
    expect(ran).toEqual(['running', 'deferred by it']);
  });

  test('works promoted with one key from several operations become one at the root', async () => {
    const ran: unknown[] = [];
    const { report } = await settleOperation('root', async () => {
      for (const id of [1, 2, 3]) {
        await withOperation(() => {
          defer((work) => ran.push(work.data), {
            key: 'cache',
            until: 'root',
            data: [id],
            coalesce: (a, b) => [...a, ...b],
          });
        });
      }
      expect(currentOperation()?.pending).toBe(1);
    });
    expect(ran).toEqual([[1, 2, 3]]);
    expect(report).toMatchObject({ registered: 3, counts: { ran: 1, replaced: 2 } });
  });

  test('conditional works promoted from different operations do not stand for each other', async () => {
    const ran: string[] = [];
    await withOperation(async () => {
      for (const name of ['succeeds', 'fails']) {
        await withOperation(() => {
          defer(() => ran.push(name), { key: 'k', until: 'root', on: 'success' });
          if (name === 'fails') throw new Error(name);
        }).catch(() => {});
      }
    });
    expect(ran).toEqual(['succeeds']);
  });

  test('a merge that throws at the promotion keeps both works and is a failure of the root', async () => {
    const ran: unknown[] = [];
    const heard: unknown[] = [];
    const error = new Error('merge');
    const merge = (): number => {
      throw error;
    };
    const { report } = await settleOperation({ onWorkError: (thrown) => heard.push(thrown) }, async () => {
      for (const id of [1, 2]) {
        await withOperation(() => {
          defer((work) => ran.push(work.data), { key: 'k', until: 'root', data: id, coalesce: merge });
        });
      }
    });
    expect(ran).toEqual([1, 2]);
    expect(heard).toEqual([error]);
    expect(report.counts.ran).toBe(2);
  });

  test('forty thousand works with one key leave nothing behind', async () => {
    let ran = 0;
    const { report } = await settleOperation('operation', (operation) => {
      for (let index = 0; index < 40_000; index++) defer(() => ran++, { key: 'k' });
      expect(operation.pending).toBe(1);
    });
    expect(ran).toBe(1);
    expect(report.counts).toMatchObject({ ran: 1, replaced: 39_999 });
  });
});
