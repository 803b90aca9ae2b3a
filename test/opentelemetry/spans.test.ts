import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  createRuntime,
  currentOperation,
  defer,
  flush,
  openOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { gate } from '../support/gate.js';
import { Telemetry } from './telemetry.js';

const nothing = (): void => {};

/** Both clocks stand still, but for what the result of this adds to them. */
const stopClocks = (): ((by: number) => void) => {
  let passed = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => 1_000_000 + passed);
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 + passed);
  onTestFinished(() => void vi.restoreAllMocks());
  return (by) => void (passed += by);
};

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number =>
  seconds * 1e3 + nanoseconds / 1e6;

describe('spans', () => {
  test('are one of the operation, one of its drain and one of each work', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await telemetry.within('request', () =>
      withOperation('checkout', async () => {
        await telemetry.within('charge', () => void defer(nothing, { name: 'mail' }));
        defer(nothing);
      }),
    );
    expect(telemetry.tree).toEqual([
      'request',
      '  operation checkout',
      '    charge',
      '    drain checkout',
      '      work mail',
      '      work',
    ]);
    expect(telemetry.unended).toBe(0);
    const ours = telemetry.spans.filter(({ instrumentationScope: { name } }) => name === 'deferqueue');
    expect(ours).toHaveLength(4);
    for (const { kind, status } of ours) {
      expect([kind, status.code]).toEqual([SpanKind.INTERNAL, SpanStatusCode.UNSET]);
    }
  });

  test('of works are linked to the span that was active at their registration', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('checkout', async () => {
      await telemetry.within('charge', () => void defer(nothing, { name: 'mail' }));
      defer(nothing, { name: 'index' });
    });
    expect(telemetry.linksOf('work mail')).toEqual(['charge']);
    expect(telemetry.linksOf('work index')).toEqual(['operation checkout']);
  });

  test('have no link where no span was active', async () => {
    const telemetry = new Telemetry();
    const runtime = createRuntime();
    telemetry.instrument([]);
    await runtime.withOperation('checkout', () => void runtime.defer(nothing, { name: 'mail' }));
    expect(telemetry.span('work mail').links).toEqual([]);
  });

  test('of an operation without works, or whose works never start, have no drain below them', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('empty', () => void use({ [Symbol.dispose]: nothing }));
    await withOperation('skips', () => void defer(nothing, { on: 'failure' }));
    expect(telemetry.tree).toEqual(['operation empty', 'operation skips']);
  });

  test('have what tells operation, task and work as attributes', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const id = await withOperation('import', async (operation) => {
      await withTask('files', () => void defer(nothing, { name: 'times', key: 7 }));
      defer(nothing);
      return operation.id;
    });
    const operation = { 'deferqueue.operation.id': id, 'deferqueue.operation.name': 'import' };
    expect(telemetry.span('operation import').attributes).toEqual(operation);
    expect(telemetry.span('drain import').attributes).toEqual(operation);
    expect(telemetry.span('work times').attributes).toEqual({
      ...operation,
      'deferqueue.task.name': 'files',
      'deferqueue.work.name': 'times',
      'deferqueue.work.key': 7,
      'deferqueue.work.state': 'ran',
    });
    expect(telemetry.span('work').attributes).toEqual({ ...operation, 'deferqueue.work.state': 'ran' });
  });

  test.each([
    ['text', 'text'],
    [7, 7],
    [false, false],
    [7n, '7'],
    [Symbol('key'), undefined],
    [{ id: 7 }, undefined],
  ])('have a key that is a primitive with a value of its own: %o', async (key, attribute) => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('import', () => void defer(nothing, { key }));
    expect(telemetry.span('work').attributes['deferqueue.work.key']).toBe(attribute);
  });

  test('tell where a work was registered, in an operation that keeps traces', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const placeOrder = (): void => void defer(nothing, { name: 'mail' });
    await withOperation({ trace: true }, placeOrder);
    const { attributes } = telemetry.span('work mail');
    expect(attributes['code.function.name']).toBe('placeOrder');
    expect(attributes['code.file.path']).toMatch(/^(\/|[A-Z]:).*spans\.test\.ts$/);
    expect(attributes['code.line.number']).toBeTypeOf('number');
    expect(attributes['code.column.number']).toBeTypeOf('number');
    expect(attributes['code.stacktrace']).toMatch(/^ {4}at placeOrder/);
  });

  test('of a drain last from the boundary to the end, also where its first work has to wait', async () => {
    const pass = stopClocks();
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('slow', () => {
      defer(nothing, { on: 'failure', discard: () => telemetry.within('discard', () => pass(5)) });
      defer(nothing, { name: 'mail' });
      pass(5);
    });
    const drain = telemetry.span('drain slow');
    expect(milliseconds(drain.startTime)).toBe(1_000_005);
    expect(milliseconds(telemetry.span('discard').endTime)).toBe(1_000_010);
    expect(milliseconds(telemetry.span('work mail').startTime)).toBe(1_000_010);
    expect(milliseconds(drain.endTime)).toBe(1_000_010);
  });

  test('of a drain end after those in it, also where the process pauses while the clocks are read', async () => {
    const pass = stopClocks();
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('slow', () => {
      defer(() => pass(5), { name: 'mail' });
      const now = Date.now();
      vi.mocked(Date.now).mockImplementationOnce(() => {
        pass(5);
        return now;
      });
    });
    const ends = ['drain slow', 'work mail'].map((name) => milliseconds(telemetry.span(name).endTime));
    expect(ends).toEqual([1_000_010, 1_000_010]);
  });

  test('of works that are flushed are below the operation, which has not come to its boundary', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('import', async () => {
      defer(nothing, { name: 'early' });
      await flush();
      defer(nothing, { name: 'late' });
    });
    expect(telemetry.tree).toEqual(['operation import', '  work early', '  drain import', '    work late']);
  });

  test('of works at the end of a task are below the operation, or in its drain if they run there', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('import', async () => {
      await withTask('files', () => void defer(nothing, { name: 'times', until: 'task' }));
      defer(() => withTask('late', () => void defer(nothing, { name: 'more', until: 'task' })), {
        name: 'index',
      });
    });
    expect(telemetry.tree).toEqual([
      'operation import',
      '  work times',
      '  drain import',
      '    work index',
      '    work more',
    ]);
    expect(telemetry.linksOf('work more')).toEqual(['work index']);
  });

  test('of nested operations are below what opened them: a function or a work', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('outer', async () => {
      await telemetry.within('step', () => withOperation('inner', () => void defer(nothing, { name: 'a' })));
      defer(() => withOperation('later', () => void defer(nothing, { name: 'c' })), { name: 'b' });
    });
    expect(telemetry.tree).toEqual([
      'operation outer',
      '  step',
      '    operation inner',
      '      drain inner',
      '        work a',
      '  drain outer',
      '    work b',
      '      operation later',
      '        drain later',
      '          work c',
    ]);
  });

  test('of a detached operation are in the trace in which it was opened', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    let detached: Promise<void> | undefined;
    await withOperation('outer', () => {
      detached = withOperation({ name: 'apart', nesting: 'detached' }, nothing);
    });
    await detached;
    expect(telemetry.tree).toEqual(['operation outer', '  operation apart']);
  });

  test('of a promoted work are in the drain of the root, linked to where it was registered', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('outer', () =>
      withOperation('inner', () => void defer(nothing, { name: 'audit', until: 'root' })),
    );
    expect(telemetry.tree).toEqual([
      'operation outer',
      '  operation inner',
      '  drain outer',
      '    work audit',
    ]);
    expect(telemetry.linksOf('work audit')).toEqual(['operation inner']);
    expect(telemetry.span('work audit').attributes['deferqueue.operation.name']).toBe('outer');
  });

  test('of works that defer works are side by side, with a link from one to the other', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('import', () => {
      defer(() => void defer(nothing, { name: 'second' }), { name: 'first' });
    });
    expect(telemetry.tree).toEqual([
      'operation import',
      '  drain import',
      '    work first',
      '    work second',
    ]);
    expect(telemetry.linksOf('work second')).toEqual(['work first']);
  });

  test('of an operation that is opened by hand are below what opened it, with what is nested in it', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await telemetry.within('request', async () => {
      const operation = openOperation('upload');
      await operation.run(async () => {
        defer(nothing, { name: 'mail' });
        await withOperation('inner', nothing);
        await telemetry.within('step', () => withOperation('deep', nothing));
      });
      await operation.close();
    });
    expect(telemetry.tree).toEqual([
      'request',
      '  operation upload',
      '    operation inner',
      '    drain upload',
      '      work mail',
      '  step',
      '    operation deep',
    ]);
    expect(telemetry.linksOf('work mail')).toEqual(['request']);
  });

  test('of a work that runs outside of any operation are those of one of its own', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const closed = gate();
    await telemetry.within('request', async () => {
      await defer(nothing, { name: 'mail', outside: 'run' }).settled;
      setImmediate(() => closed.open());
      await closed.passed;
    });
    expect(telemetry.tree).toEqual(['request', '  operation', '    drain', '      work mail']);
  });

  test('of operations that join another one are none', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('outer', () =>
      withOperation({ name: 'joined', nesting: 'join' }, () => void defer(nothing, { name: 'mail' })),
    );
    expect(telemetry.tree).toEqual(['operation outer', '  drain outer', '    work mail']);
  });

  test('of a work whose root was opened before are below the span that registered it', async () => {
    const telemetry = new Telemetry();
    await withOperation('outer', async () => {
      telemetry.instrument();
      defer(nothing, { name: 'not followed' });
      await withOperation('inner', () => void defer(nothing, { name: 'audit', until: 'root' }));
      expect(currentOperation()?.pending).toBe(2);
    });
    expect(telemetry.tree).toEqual(['operation inner', '  work audit']);
  });
});

describe('works that never start', () => {
  test('have no span, and are events of the span of their operation', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('import', async () => {
      defer(nothing, { name: 'skipped', on: 'failure' });
      defer(nothing, { name: 'replaced', key: 'page' });
      defer(nothing, { name: 'stays', key: 'page' });
      await withTask('files', () => void defer(nothing, { name: 'cancelled' }).cancel());
    });
    expect(telemetry.tree).toEqual(['operation import', '  drain import', '    work stays']);
    const { events } = telemetry.span('operation import');
    expect(events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'deferqueue.work.discarded',
        {
          'deferqueue.work.name': 'replaced',
          'deferqueue.work.state': 'replaced',
          'deferqueue.work.key': 'page',
        },
      ],
      [
        'deferqueue.work.discarded',
        {
          'deferqueue.task.name': 'files',
          'deferqueue.work.name': 'cancelled',
          'deferqueue.work.state': 'cancelled',
        },
      ],
      [
        'deferqueue.work.discarded',
        { 'deferqueue.work.name': 'skipped', 'deferqueue.work.state': 'skipped' },
      ],
    ]);
  });
});
