import { createRuntime, defer, openOperation, settleOperation, withOperation, withTask } from 'deferqueue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inspect } from '../../src/observability/inspect/index.js';
import { registered, started, traces } from '../../src/observability/inspect/watch.js';
import { gate, settleMicrotasks } from '../support/gate.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  const left = [inspect().counts.operations, registered.size, started.size, traces.size];
  if (left.some((count) => count > 0))
    throw new Error(`Something is left after the test: ${left.join(', ')}`);
});

describe('inspect', () => {
  test('lists an operation with its tasks and works, their states and their ages', async () => {
    const body = gate();
    const mail = gate();
    const done = withOperation('checkout', async () => {
      vi.advanceTimersByTime(100);
      defer(() => mail.passed, { name: 'mail', data: { secret: 1 }, key: 'secret' });
      await withTask('files', async () => {
        vi.advanceTimersByTime(20);
        defer(() => undefined);
        await body.passed;
      });
    });
    vi.advanceTimersByTime(3);
    const [operation] = inspect().operations;
    const id = operation?.tasks[0]?.id;
    expect(operation).toEqual({
      id: expect.any(Number) as number,
      name: 'checkout',
      parent: null,
      state: 'open',
      ageMs: 123,
      counts: { tasks: 1, queued: 2, running: 0 },
      tasks: [{ id, name: 'files', state: 'open', ageMs: 23 }],
      works: [
        { name: 'mail', task: null, state: 'queued', ageMs: 23, runningMs: null },
        { name: null, task: { id, name: 'files' }, state: 'queued', ageMs: 3, runningMs: null },
      ],
    });
    body.open();
    await settleMicrotasks();
    vi.advanceTimersByTime(7);
    const draining = inspect();
    expect(draining.counts).toEqual({ operations: 1, tasks: 0, queued: 0, running: 1 });
    expect(draining.operations[0]).toMatchObject({
      state: 'draining',
      ageMs: 130,
      works: [{ name: 'mail', task: null, state: 'running', ageMs: 30, runningMs: 7 }],
    });
    expect(JSON.parse(JSON.stringify(draining))).toEqual(draining);
    expect(JSON.stringify(draining)).not.toContain('secret');
    mail.open();
    await done;
  });

  test('lists works that run before those that are queued, and a task while its own works drain', async () => {
    const runs = gate();
    const done = withOperation({ name: 'import', concurrency: 2 }, async () => {
      await withTask('files', () => {
        for (const name of ['one', 'two', 'three'])
          defer(() => runs.passed, { name, until: name === 'one' ? 'task' : 'operation' });
      });
    });
    const [early] = inspect().operations;
    expect(early?.tasks).toMatchObject([{ state: 'draining' }]);
    expect(early?.works.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'one running',
      'two queued',
      'three queued',
    ]);
    runs.open();
    await done;
  });

  test('lists what is nested after its parent, and a promoted work at the root', async () => {
    const body = gate();
    const done = withOperation('outer', async () => {
      await withOperation('inner', () => void defer(() => undefined, { name: 'audit', until: 'root' }));
      await withOperation('second', () => body.passed);
    });
    await settleMicrotasks();
    const [outer, second, ...others] = inspect().operations;
    expect(outer).toMatchObject({ name: 'outer', works: [{ name: 'audit' }], counts: { queued: 1 } });
    expect(second).toMatchObject({ name: 'second', parent: outer?.id, works: [] });
    expect(others).toEqual([]);
    body.open();
    await done;
  });

  test('keeps an operation that is never closed, and forgets it when it is', async () => {
    const operation = openOperation('by hand');
    vi.advanceTimersByTime(3_600_000);
    expect(inspect().operations).toMatchObject([
      { id: operation.id, ageMs: 3_600_000, tasks: [], works: [] },
    ]);
    await operation.close();
    expect(inspect().operations).toEqual([]);
  });

  test('forgets an operation that was cut short, with tasks and works that never settle', async () => {
    const never = new Promise<void>(() => {});
    const runtime = createRuntime();
    void runtime.withOperation('hangs', async () => {
      runtime.defer(() => undefined);
      await runtime.withTask('hangs', () => never);
    });
    const settled = settleOperation({ name: 'slow', drainTimeout: 5 }, () => {
      defer(() => never);
      defer(() => undefined);
    });
    expect(inspect().counts).toEqual({ operations: 2, tasks: 1, queued: 2, running: 1 });
    const ended = runtime.shutdown({ grace: 5 });
    await vi.advanceTimersByTimeAsync(20);
    await Promise.all([settled, ended]);
    expect(inspect().operations).toEqual([]);
  });

  test('forgets works that end without having run', async () => {
    const body = gate();
    const done = withOperation('import', () => {
      defer(() => undefined).cancel();
      defer(() => undefined, { signal: AbortSignal.abort() });
      defer(() => undefined, { key: 1, name: 'replaced' });
      defer(() => undefined, { key: 1, name: 'stays' });
      defer(() => undefined, { on: 'failure', name: 'waits to be skipped' });
      return body.passed;
    });
    const works = inspect().operations[0]?.works.map(({ name }) => name);
    expect(works).toEqual(['stays', 'waits to be skipped']);
    body.open();
    await done;
  });

  test('has the trace of a work where that is kept', async () => {
    const done = withOperation({ trace: true }, async function body() {
      defer(() => undefined);
      await settleMicrotasks();
    });
    expect(inspect().operations[0]?.works[0]?.trace).toMatch(/^ {4}at .*body.*inspect\.test\.ts/);
    await done;
  });

  test('lists no more of each than the limit, the oldest, and counts all', async () => {
    const body = gate();
    const all = Promise.all(
      ['one', 'two', 'three'].map((name) =>
        withOperation(name, async () => {
          for (let work = 0; work < 101; work++) defer(() => undefined, { name: `work ${work}` });
          await Promise.all(['a', 'b', 'c'].map((task) => withTask(task, () => body.passed)));
        }),
      ),
    );
    const state = inspect({ limit: 2 });
    expect(state.counts).toEqual({ operations: 3, tasks: 9, queued: 303, running: 0 });
    expect(state.operations.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(state.operations[0]?.counts).toEqual({ tasks: 3, queued: 101, running: 0 });
    expect(state.operations[0]?.tasks.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(state.operations[0]?.works.map(({ name }) => name)).toEqual(['work 0', 'work 1']);
    expect(inspect().operations.map(({ works }) => works.length)).toEqual([100, 100, 100]);
    expect(inspect({ limit: Infinity }).operations[2]?.works).toHaveLength(101);
    expect(inspect({ limit: 0 }).operations).toEqual([]);
    body.open();
    await all;
  });

  test.each([
    [7, 'Expected `options` to be an object, got 7 (number)'],
    [{ limit: -1 }, 'Expected `options.limit` to be a whole number from 0, or Infinity, got -1 (number)'],
    [{ limit: Number.NaN }, 'Expected `options.limit` to be'],
    [{ limit: 1.5 }, 'Expected `options.limit` to be'],
    [{ limit: '1' }, 'Expected `options.limit` to be'],
    [{ limits: 1 }, 'Unknown option `limits`. There is: limit'],
  ])('refuses options that it does not know: %o', (bad, message) => {
    expect(() => inspect(bad as never)).toThrow(message);
  });
});

describe('what began before the import', () => {
  test('is known from the first that is heard of it', async () => {
    vi.resetModules();
    const outer = openOperation('outer');
    const inner = outer.run(() => openOperation('inner'));
    inner.run(() => defer(() => undefined, { name: 'unseen' }));
    const late = await import('../../src/observability/inspect/index.js');
    expect(late.inspect().operations).toEqual([]);
    vi.advanceTimersByTime(10);
    inner.run(() => defer(() => undefined, { name: 'seen' }));
    vi.advanceTimersByTime(5);
    expect(late.inspect().operations).toMatchObject([
      { name: 'outer', ageMs: 5 },
      { name: 'inner', parent: outer.id, ageMs: 5, works: [{ name: 'seen', ageMs: 5 }] },
    ]);
    await inner.close();
    await outer.close();
    expect(late.inspect().operations).toEqual([]);
  });
});
