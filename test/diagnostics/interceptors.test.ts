import { AsyncLocalStorage } from 'node:async_hooks';
import { createRuntime } from 'deferqueue';
import { describe, expect, test } from 'vitest';

describe('interceptors', () => {
  test('go around the functions of operations and works, the first one outermost', async () => {
    const { intercept, withOperation, defer } = createRuntime();
    const seen: string[] = [];
    for (const name of ['one', 'two']) {
      intercept({
        async operation(operation, run) {
          seen.push(`${name} before ${operation.name}`);
          const value = await run();
          seen.push(`${name} after ${operation.name}`);
          return value;
        },
        work(work, run) {
          seen.push(`${name} before ${work.name}`);
          const value = run();
          seen.push(`${name} after ${work.name}`);
          return value;
        },
      });
    }
    const value = await withOperation('import', () => {
      seen.push('function');
      defer(() => void seen.push('work'), { name: 'mail' });
      return 7;
    });
    expect(value).toBe(7);
    expect(seen).toEqual([
      'one before import',
      'two before import',
      'function',
      'two after import',
      'one after import',
      'one before mail',
      'two before mail',
      'work',
      'two after mail',
      'one after mail',
    ]);
  });

  test('are called in the context of the work, and what they set reaches it', async () => {
    const { intercept, withOperation, defer } = createRuntime();
    const own = new AsyncLocalStorage<string>();
    const other = new AsyncLocalStorage<string>();
    intercept({ work: (work, run) => own.run(`${other.getStore()} ${work.data as string}`, run) });
    const seen: unknown[] = [];
    await withOperation(() => {
      other.run('registered', () => {
        defer(
          async () => {
            await Promise.resolve();
            seen.push(own.getStore());
          },
          { data: 'with' },
        );
      });
    });
    expect(seen).toEqual(['registered with']);
  });

  test('decide how an operation and a work went', async () => {
    const { intercept, settleOperation } = createRuntime();
    let tries = 0;
    intercept({
      operation: () => Promise.reject(new Error('not today')),
      async work(_work, run) {
        try {
          return await run();
        } catch {
          return run();
        }
      },
    });
    const { outcome } = await settleOperation('import', () => 7);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'not today' } });

    const again = createRuntime();
    again.intercept({ work: (_work, run) => Promise.resolve(run()).catch(run) });
    const { report } = await again.settleOperation({ report: 'full' }, () => {
      again.defer(() => {
        tries++;
        return tries === 1 ? Promise.reject(new Error('first')) : undefined;
      });
    });
    expect([tries, report.counts.ran]).toEqual([2, 1]);
  });

  test('that throw make the operation reject and the work fail', async () => {
    const { intercept, settleOperation, withOperation, defer } = createRuntime();
    const stop = intercept({
      operation() {
        throw new Error('operation');
      },
    });
    await expect(withOperation(() => 7)).rejects.toThrow('operation');
    stop();
    intercept({
      work() {
        throw new Error('work');
      },
    });
    const { report } = await settleOperation({ report: 'full' }, () => void defer(() => undefined));
    expect(report.works).toMatchObject([{ state: 'failed', reason: { message: 'work' } }]);
  });

  test('that do not call the function have it not run, and what they return stands for it', async () => {
    const { intercept, settleOperation, defer } = createRuntime();
    let ran = 0;
    const stop = intercept({ operation: () => 'instead' });
    const { outcome } = await settleOperation('import', () => ran++);
    stop();
    expect([outcome, ran]).toEqual([{ status: 'fulfilled', value: 'instead' }, 0]);
    intercept({ work: () => undefined });
    const { report } = await settleOperation('import', () => void defer(() => ran++));
    expect([report.counts.ran, ran]).toEqual([1, 0]);
  });

  test('that call the function only later have the operation open and the work running until then', async () => {
    const { intercept, withOperation, defer, currentOperation } = createRuntime();
    const steps: unknown[] = [];
    intercept({
      async operation(operation, run) {
        await Promise.resolve();
        steps.push(operation.state, currentOperation() === operation);
        return run();
      },
      async work(work, run) {
        await Promise.resolve();
        steps.push((work as typeof work & { state: string }).state);
        await run();
      },
    });
    await withOperation(() => void defer(() => steps.push('work')));
    expect(steps).toEqual(['open', true, 'running', 'work']);
  });

  test('are taken away, also while works are queued, and are there once however often they were given', async () => {
    const { intercept, withOperation, defer } = createRuntime();
    let times = 0;
    const interceptor = {
      work(_work: unknown, run: () => unknown): unknown {
        times++;
        return run();
      },
    };
    intercept(interceptor);
    const stop = intercept(interceptor);
    await withOperation(() => void defer(() => undefined));
    expect(times).toBe(1);
    await withOperation(() => {
      defer(() => undefined);
      stop();
      stop();
    });
    expect(times).toBe(1);
  });

  test('go around works that were queued before, and around those that come after the work that sets them', async () => {
    const { intercept, withOperation, defer } = createRuntime();
    const seen: string[] = [];
    const setOne = (): void =>
      void intercept({
        work: (_work, run) => {
          seen.push('around');
          return run();
        },
      });
    await withOperation(() => {
      defer(() => void seen.push('queued before'));
      setOne();
    });
    const { intercept: another, withOperation: open, defer: later } = createRuntime();
    await open(() => {
      later(() => void another({ work: (_work, run) => [seen.push('in between'), run()] }));
      later(() => void seen.push('after it'));
    });
    expect(seen).toEqual(['around', 'queued before', 'in between', 'after it']);
  });

  test('keep their own `this`', async () => {
    const { intercept, withOperation } = createRuntime();
    class Names {
      readonly #seen: (string | undefined)[] = [];
      get seen(): readonly (string | undefined)[] {
        return this.#seen;
      }
      operation(operation: { name: string | undefined }, run: () => unknown): unknown {
        this.#seen.push(operation.name);
        return run();
      }
    }
    const names = new Names();
    intercept(names);
    await withOperation('import', () => undefined);
    expect(names.seen).toEqual(['import']);
  });

  test('belong to their runtime, and leave joined functions and resources alone', async () => {
    const one = createRuntime();
    const other = createRuntime();
    const seen: unknown[] = [];
    one.intercept({
      operation: (operation, run) => (seen.push(operation.name), run()),
      work: (work, run) => (seen.push(work.name), run()),
    });
    await other.withOperation('other', () => void other.defer(() => undefined, { name: 'work' }));
    await one.withOperation('outer', async () => {
      one.use({ [Symbol.dispose]: () => undefined });
      await one.withOperation({ name: 'joined', nesting: 'join' }, () => undefined);
    });
    expect(seen).toEqual(['outer']);
  });

  test.each([
    [undefined, 'Expected `interceptor` to be an object, got undefined'],
    [() => undefined, 'Expected `interceptor` to be an object'],
    [{ works: () => undefined }, 'Unknown option `works` in `interceptor`. The options are: operation, work'],
    [{ work: 7 }, 'Expected `interceptor.work` to be a function, got 7 (number)'],
  ])('that are none are refused at the call: %o', (bad, message) => {
    const { intercept } = createRuntime();
    expect(() => intercept(bad as never)).toThrow(message);
  });
});
