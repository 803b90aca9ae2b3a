import diagnostics from 'node:diagnostics_channel';
import {
  createRuntime,
  defer,
  flush,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { ChannelMessages, ChannelName, ObservedWork } from 'deferqueue';
import { afterEach, describe, expect, test, vi } from 'vitest';

const never = new Promise<void>(() => {});

const NAMES: readonly ChannelName[] = [
  'deferqueue:operation:open',
  'deferqueue:operation:boundary',
  'deferqueue:operation:close',
  'deferqueue:task:open',
  'deferqueue:task:close',
  'deferqueue:work:register',
  'deferqueue:work:start',
  'deferqueue:work:end',
];

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

const listen = <Name extends ChannelName>(
  name: Name,
  listener: (message: ChannelMessages[Name]) => void,
): void => {
  const subscriber = listener as (message: unknown) => void;
  diagnostics.subscribe(name, subscriber);
  undo.push(() => diagnostics.unsubscribe(name, subscriber));
};

interface Heard {
  readonly name: ChannelName;
  readonly message: ChannelMessages[ChannelName];
}

const hear = (): Heard[] => {
  const heard: Heard[] = [];
  for (const name of NAMES) listen(name, (message) => heard.push({ name, message }));
  return heard;
};

const told = (heard: readonly Heard[]): string[] =>
  heard.map(({ name, message }) => {
    const subject = Object.values(message)[0] as { name?: string | undefined };
    const state = 'report' in message && 'state' in message.report ? ` ${message.report.state}` : '';
    return `${name.slice('deferqueue:'.length)} ${subject.name}${state}`;
  });

describe('channels', () => {
  test('tell the life of an operation, of its tasks and of its works, in order', async () => {
    const heard = hear();
    await withOperation('import', async () => {
      defer(() => undefined, { name: 'mail' });
      await withTask('files', () => {
        defer(() => undefined, { name: 'times', until: 'task' });
        defer(() => undefined, { name: 'index' });
      });
    });
    expect(told(heard)).toEqual([
      'operation:open import',
      'work:register mail',
      'task:open files',
      'work:register times',
      'work:register index',
      'work:start times',
      'work:end times ran',
      'task:close files',
      'operation:boundary import',
      'work:start index',
      'work:end index ran',
      'work:start mail',
      'work:end mail ran',
      'operation:close import',
    ]);
  });

  test('are told by works without options and by an operation without works', async () => {
    const heard = hear();
    await withOperation(() => void defer(() => undefined));
    await withOperation(() => undefined);
    expect(told(heard)).toEqual([
      'operation:open undefined',
      'work:register undefined',
      'operation:boundary undefined',
      'work:start undefined',
      'work:end undefined ran',
      'operation:close undefined',
      'operation:open undefined',
      'operation:boundary undefined',
      'operation:close undefined',
    ]);
  });

  test.each(['deferqueue:operation:boundary', 'deferqueue:operation:close'] as const)(
    'tell who listens to %s alone of an operation without works',
    async (name) => {
      const names: unknown[] = [];
      listen(name, ({ operation }) => names.push(operation.name));
      await withOperation('alone', async () => {});
      expect(names).toEqual(['alone']);
    },
  );

  test('carry the outcome of functions and the report that the caller gets', async () => {
    const heard = hear();
    const reason = new Error('no');
    const { report } = await settleOperation('import', async () => {
      await withTask('files', () => Promise.reject(reason)).catch(() => undefined);
      throw reason;
    });
    const outcome = { status: 'rejected', reason };
    expect(heard.find(({ name }) => name === 'deferqueue:task:close')?.message).toMatchObject({ outcome });
    expect(heard.find(({ name }) => name === 'deferqueue:operation:boundary')?.message).toMatchObject({
      outcome,
    });
    expect(heard.at(-1)?.message).toMatchObject({ report });
  });

  test('have the same work in each message: the handle, which is what the function gets', async () => {
    const heard = hear();
    const works: unknown[] = [];
    await withOperation(() => {
      works.push(defer((work) => void works.push(work), { name: 'mail', data: 7 }));
    });
    works.push(...heard.flatMap(({ message }) => ('work' in message ? [message.work] : [])));
    expect(works).toHaveLength(5);
    expect(new Set(works).size).toBe(1);
  });

  test('tell what is in a work while it is registered and started', async () => {
    const seen: unknown[] = [];
    const look = ({ work }: { work: ObservedWork }): unknown =>
      seen.push([work.name, work.data, work.state, work.operation.name, work.task?.name]);
    listen('deferqueue:work:register', look);
    listen('deferqueue:work:start', look);
    await withOperation('import', () =>
      withTask('files', () => void defer(() => undefined, { name: 'index', data: 3 })),
    );
    expect(seen).toEqual([
      ['index', 3, 'queued', 'import', 'files'],
      ['index', 3, 'running', 'import', 'files'],
    ]);
  });

  test.each([
    ['ran', (): void => void defer(() => undefined)],
    ['failed', (): void => void defer(() => Promise.reject(new Error('no')))],
    [
      'failed',
      (): void =>
        void defer(() => {
          throw new Error('no');
        }),
    ],
    ['timed-out', (): void => void defer(() => never, { timeout: 1 })],
    ['skipped', (): void => void defer(() => undefined, { on: 'failure' })],
    ['cancelled', (): void => void defer(() => undefined).cancel()],
    ['cancelled', (): void => void defer(() => undefined, { signal: AbortSignal.abort() })],
  ])('tell each way to end once, with its report: %s', async (state, body) => {
    const heard = hear();
    await settleOperation('import', body);
    const ends = heard.filter(({ name }) => name === 'deferqueue:work:end');
    expect(ends.map(({ message }) => message)).toMatchObject([{ report: { state } }]);
    expect(heard.filter(({ name }) => name === 'deferqueue:work:register')).toHaveLength(1);
    const starts = heard.filter(({ name }) => name === 'deferqueue:work:start');
    expect(starts).toHaveLength(['skipped', 'cancelled'].includes(state) ? 0 : 1);
  });

  test.each(['first', 'last', (): number => 3] as const)(
    'tell of a coalesced work that it was registered before it or its twin was replaced: %s',
    async (coalesce) => {
      const heard = hear();
      await withOperation('import', () => {
        defer(() => undefined, { name: 'one', key: 1, data: 1 });
        defer(() => undefined, { name: 'two', key: 1, data: 2, coalesce });
      });
      const [goes, stays] = coalesce === 'first' ? ['two', 'one'] : ['one', 'two'];
      expect(told(heard).filter((line) => line.startsWith('work'))).toEqual([
        'work:register one',
        'work:register two',
        `work:end ${goes} replaced`,
        `work:start ${stays}`,
        `work:end ${stays} ran`,
      ]);
    },
  );

  test('tell nothing of a work that was refused', async () => {
    const heard = hear();
    await withOperation({ name: 'import', maxPending: 1 }, () => {
      defer(() => undefined, { key: 1 });
      expect(() => defer(() => undefined)).toThrow('maxPending');
      const merge = (): never => {
        throw new Error('no');
      };
      expect(() => defer(() => undefined, { key: 1, coalesce: merge })).toThrow('no');
    });
    expect(heard.filter(({ name }) => name === 'deferqueue:work:register')).toHaveLength(1);
    expect(heard.filter(({ name }) => name === 'deferqueue:work:end')).toHaveLength(1);
  });

  test('tell of a promoted work once, with the root as its operation at the end', async () => {
    const seen: unknown[] = [];
    listen('deferqueue:work:register', ({ work }) => seen.push(work.operation.name));
    listen('deferqueue:work:end', ({ work, report }) => seen.push(work.operation.name, report.state));
    await withOperation('outer', () =>
      withOperation('inner', () => void defer(() => undefined, { until: 'root' })),
    );
    expect(seen).toEqual(['inner', 'outer', 'ran']);
  });

  test('tell of a flush, and nothing of resources', async () => {
    const heard = hear();
    await withOperation('import', async () => {
      use({ [Symbol.dispose]: () => undefined });
      defer(() => undefined, { name: 'early' });
      await flush();
    });
    expect(told(heard)).toEqual([
      'operation:open import',
      'work:register early',
      'work:start early',
      'work:end early ran',
      'operation:boundary import',
      'operation:close import',
    ]);
  });

  test('tell of an operation that is opened by hand, and of works that run outside any', async () => {
    const heard = hear();
    const operation = openOperation('by hand');
    operation.run(() => defer(() => undefined, { name: 'mail' }));
    await operation.close();
    await defer(() => undefined, { name: 'alone', outside: 'run' }).settled;
    await vi.waitFor(() =>
      expect(told(heard).slice(6)).toEqual([
        'operation:open undefined',
        'work:register alone',
        'operation:boundary undefined',
        'work:start alone',
        'work:end alone ran',
        'operation:close undefined',
      ]),
    );
    expect(told(heard).slice(0, 6)).toEqual([
      'operation:open by hand',
      'work:register mail',
      'operation:boundary by hand',
      'work:start mail',
      'work:end mail ran',
      'operation:close by hand',
    ]);
  });

  test('tell of an operation that is cut short, whose report is final', async () => {
    const heard = hear();
    const { report } = await settleOperation({ name: 'slow', drainTimeout: 5 }, () => {
      defer(() => never, { name: 'stuck' });
      defer(() => undefined, { name: 'waits' });
    });
    expect(told(heard).slice(3)).toEqual([
      'operation:boundary slow',
      'work:start stuck',
      'work:end stuck timed-out',
      'work:end waits abandoned',
      'operation:close slow',
    ]);
    expect(heard.at(-1)?.message).toMatchObject({ report });
  });

  test('tell of an operation whose function never settles when shutdown has cut it short', async () => {
    const heard = hear();
    const runtime = createRuntime();
    void runtime.withOperation('hangs', () => never);
    await runtime.shutdown({ grace: 5 });
    expect(told(heard)).toEqual(['operation:open hangs', 'operation:close hangs']);
  });

  test('are in the context of who registers, when a work is registered', async () => {
    const { withOperation: open, defer: later, currentOperation: current } = createRuntime();
    const seen: unknown[] = [];
    listen('deferqueue:work:register', ({ work }) => seen.push(current() === work.operation));
    await open(() => void later(() => undefined));
    expect(seen).toEqual([true]);
  });

  test('keep an operation as it is where a subscriber throws', async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    undo.push(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    });
    for (const name of NAMES) {
      listen(name, () => {
        throw new Error(name);
      });
    }
    const ran: string[] = [];
    const value = await withOperation('import', async () => {
      defer(() => ran.push('mail'));
      await withTask('files', () => void defer(() => ran.push('index')));
      return 7;
    });
    expect([value, ran]).toEqual([7, ['index', 'mail']]);
    await vi.waitFor(() =>
      expect(new Set(thrown.map((error) => (error as Error).message))).toEqual(new Set(NAMES)),
    );
  });

  test('make no message where nobody listens', async () => {
    const publish = vi.spyOn(diagnostics.Channel.prototype, 'publish');
    await withOperation('import', () => withTask('files', () => void defer(() => undefined)));
    expect(publish).not.toHaveBeenCalled();
    publish.mockRestore();
  });
});
