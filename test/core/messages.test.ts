import { inspect } from 'node:util';
import {
  createRuntime,
  defer,
  DrainTimeoutError,
  flush,
  openOperation,
  settleOperation,
  ShuttingDownError,
  use,
  withOperation,
  withTask,
  WorkTimeoutError,
} from 'deferqueue';
import type { Operation, Task } from 'deferqueue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { settleMicrotasks } from '../support/gate.js';

const caught = async (fn: () => unknown): Promise<Error> => {
  try {
    await fn();
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable('it should have failed');
};

describe('G4 validation first: the message names the argument, what was expected and what came', () => {
  test.each<[shown: string, value: unknown]>([
    ['"mail" (string)', 'mail'],
    ['42 (number)', 42],
    ['NaN (number)', Number.NaN],
    ['10 (bigint)', 10n],
    ['false (boolean)', false],
    ['Symbol(s) (symbol)', Symbol('s')],
    ['undefined', undefined],
    ['null', null],
    ['an instance of Date', new Date()],
    ['an instance of Object', {}],
    ['an instance of Object', Object.create(null)],
    ['an instance of Object', Object.create({ constructor: undefined })],
  ])('what came is shown as %s', (shown, value) => {
    const message = `Expected \`run\` to be a function, got ${shown}`;
    expect(() => defer(value as never)).toThrow(expect.objectContaining({ message }));
  });

  test('a function is shown by its name', () => {
    const named = (): void => {};
    expect(() => defer(() => {}, named as object)).toThrow(/`options`.* an object, got named \(function\)$/);
    expect(() => defer(() => {}, (() => {}) as object)).toThrow(/got anonymous \(function\)$/);
  });

  const options: [what: string, given: Record<string, unknown>, expected: string[]][] = [
    ['defer', { name: 1 }, ['a string', '1 (number)']],
    ['defer', { on: 'error' }, ["'success'", "'failure'", "'always'", '"error"']],
    ['defer', { until: 'end' }, ["'task'", "'operation'", "'root'"]],
    ['defer', { task: { id: 1 } }, ['a task', 'null']],
    ['defer', { key: null }, ['null']],
    ['defer', { key: 1, coalesce: 'middle' }, ["'first'", "'last'", 'a function', '"middle"']],
    ['defer', { discard: true }, ['a function', 'true (boolean)']],
    ['defer', { signal: { aborted: false, removeEventListener() {} } }, ['an AbortSignal', 'Object']],
    ['defer', { signal: { aborted: false, addEventListener() {} } }, ['an AbortSignal']],
    ['defer', { signal: null }, ['an AbortSignal', 'null']],
    ['defer', { timeout: '1s' }, ['milliseconds', '"1s" (string)']],
    ['defer', { outside: 'skip' }, ["'throw'", "'run'"]],
    ['withTask', { name: 1 }, ['a string']],
    ['withTask', { concurrency: 0 }, ['from 1', '0 (number)']],
    ['withOperation', { name: 1 }, ['a string']],
    ['withOperation', { nesting: 'inner' }, ["'nested'", "'join'", "'detached'"]],
    ['withOperation', { order: 'random' }, ["'fifo'", "'lifo'"]],
    ['withOperation', { concurrency: 0.5 }, ['from 1', '0.5 (number)']],
    ['withOperation', { concurrency: null }, ['PQueue', 'null']],
    ['withOperation', { maxPending: -1 }, ['from 0', 'Infinity', '-1 (number)']],
    ['withOperation', { maxChain: 0 }, ['from 1', 'Infinity', '0 (number)']],
    ['withOperation', { workErrors: 'ignore' }, ["'throw'", "'report'"]],
    ['withOperation', { onWorkError: console }, ['a function']],
    ['withOperation', { report: true }, ["'counts'", "'full'"]],
  ];

  const calls: Record<string, (given: object) => unknown> = {
    defer: (given) => defer(() => {}, given),
    withTask: (given) => withTask(given, () => {}),
    withOperation: (given) => withOperation(given, () => {}),
  };

  test.each(options)('%s with %o', async (what, given, expected) => {
    const { message } = await caught(() => calls[what]?.(given));
    expect(message).toContain(`\`options.${Object.keys(given).at(-1)}\``);
    for (const part of expected) expect(message).toContain(part);
  });

  test('the defaults of a runtime are named as such, and an option that does not exist beside those that do', async () => {
    expect(() => createRuntime({ defaults: { order: 'random' as never } })).toThrow(
      /`options\.defaults\.order`/,
    );
    expect(() => defer(() => {}, { untill: 'task' } as object)).toThrow(/`untill` in `options`.* until,/);
    expect((await caught(() => withTask({ nam: 'x' } as object, () => {}))).message).toMatch(
      /`nam` in `options`.* name,/,
    );
    expect((await caught(() => withOperation('name', undefined as never))).message).toContain('`fn`');
    expect((await caught(() => withTask('name', undefined as never))).message).toContain('`fn`');
    expect(() => openOperation().run(1 as never)).toThrow(/`fn`/);
    expect(() => openOperation().bind(1 as never)).toThrow(/`fn`/);
    expect(() => use({} as Disposable)).toThrow(/`resource`/);
  });
});

describe('errors say what was called, and in which operation', () => {
  const late: [string, (operation: Operation) => unknown][] = [
    ['defer', () => defer(() => {})],
    ['use', () => use(null)],
    ['flush', () => flush()],
    ['withTask', () => withTask('late', () => {})],
  ];

  test.each(late)('%s outside any operation', async (what, call) => {
    const error = await caught(() => call(undefined as never));
    expect(error.message).toContain(`${what}() was called outside any operation`);
    // Only one of them has another way.
    expect(error.message.includes("outside: 'run'")).toBe(what === 'defer');
  });

  test.each(late)('%s after the end', async (what, call) => {
    const operation = openOperation('request');
    const inside = operation.bind(call);
    await operation.close();
    const { message } = await caught(() => inside(operation));
    expect(message).toContain(`${what}() came too late: operation "request" (#${operation.id}) has ended`);
  });

  test('fail after the end, and an operation without a name', async () => {
    const operation = openOperation();
    await operation.close();
    expect(() => operation.fail('late')).toThrow(`fail() came too late: operation #${operation.id} has`);
  });

  test("until: 'task' without a task, and after the end of one", async () => {
    await withOperation('request', async ({ id }) => {
      expect(() => defer(() => {}, { until: 'task' })).toThrow(
        `outside any task of operation "request" (#${id})`,
      );
      let task: Task | undefined;
      await withTask('upload', (self) => void (task = self));
      expect(() => defer(() => {}, { until: 'task', task: task! })).toThrow(
        `after task "upload" (#${task?.id}) of operation "request" (#${id})`,
      );
    });
  });

  test('a full queue, and a drain that would wait for itself', async () => {
    const operation = openOperation({ name: 'request', maxPending: 1 });
    const errors: Error[] = [];
    operation.defer(async () => {
      errors.push(await caught(() => operation.flush()), await caught(() => operation.close()));
    });
    const named = `"request" (#${operation.id})`;
    expect(() => operation.defer(() => {})).toThrow(`Operation ${named} already has 1 work item queued`);
    await operation.close();
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^flush\(\)/),
      expect.stringMatching(/^close\(\)/),
    ]);
    for (const { message } of errors) expect(message).toContain(`operation ${named}`);
  });

  test.each([
    [3, 'w1 → (unnamed) → w3'],
    [10, 'w1 → (unnamed) → w3 → w4 → w5 → w6 → w7 → w8 → w9 → w10'],
    [11, 'w1 → (unnamed) → w3 → w4 → … → w7 → w8 → w9 → w10 → w11'],
  ])('a chain of %i works, shortened where it is long', async (maxChain, shown) => {
    let length = 0;
    let error: Error | undefined;
    const link = (): void => {
      const name = ++length === 2 ? undefined : `w${length}`;
      defer(
        () =>
          caught(link).then(
            (thrown) => (error ??= thrown),
            () => {},
          ),
        { name },
      );
    };
    const { report } = await settleOperation({ name: 'request', maxChain }, link);
    expect(error?.message).toContain(`operation "request" (#${report.id})`);
    expect(error?.message).toContain(`: ${shown}.`);
    expect(error).toMatchObject({ chain: expect.objectContaining({ length: maxChain, 1: undefined }) });
  });
});

describe('G21 nothing is hidden or masked', () => {
  test.each<[told: string, thrown: unknown]>([
    ['TypeError: broken', new TypeError('broken')],
    ['"text"', 'text'],
    ['42', 42],
    ['null', null],
    ['undefined', undefined],
    ['Symbol(thrown)', Symbol('thrown')],
    ['1,2', [1, 2]],
    ['object', Object.create(null)],
  ])('a failure is told as %s', async (told, thrown) => {
    const error = await caught(() =>
      withOperation('request', () => void defer(() => Promise.reject(thrown), { name: 'mail' })),
    );
    expect(error.message).toMatch(/^1 work item failed in operation "request" \(#\d+\): /);
    expect(error.message.endsWith(`: "mail": ${told}`)).toBe(true);
  });

  test.each([
    [5, /:\n {2}"w0": 0\n {2}"w1": 1\n {2}"w2": 2\n {2}"w3": 3\n {2}"w4": 4$/],
    [6, /:\n {2}"w0": 0\n {2}"w1": 1\n {2}"w2": 2\n {2}"w3": 3\n {2}"w4": 4\n {2}and 1 more$/],
  ])('of %i failures the first five are told, a line for each', async (howMany, message) => {
    const error = await caught(() =>
      withOperation(() => {
        for (let index = 0; index < howMany; index++) {
          defer(() => Promise.reject(index), { name: `w${index}` });
        }
      }),
    );
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(new RegExp(`^${howMany} work items failed`));
  });

  test('what has more lines than one is indented below the work that it belongs to', async () => {
    const fail = (message: string) => (): never => {
      throw new RangeError(message);
    };
    const one = await caught(() =>
      withOperation('request', () => void defer(fail('first\nsecond'), { name: 'mail' })),
    );
    expect(one.message).toMatch(/\(#\d+\):\n {2}"mail": RangeError: first\n {4}second$/);
    const two = await caught(() =>
      withOperation('request', () => {
        defer(fail('first\nsecond'), { name: 'mail' });
        defer(fail('third'), { name: 'index' });
      }),
    );
    expect(two.message).toMatch(
      /:\n {2}"mail": RangeError: first\n {4}second\n {2}"index": RangeError: third$/,
    );
  });

  test('a work without a name is told of by that of its function', async () => {
    const error = await caught(() =>
      withOperation(() => {
        defer(function notify() {
          throw 'no';
        });
        defer(
          (
            () => () =>
              Promise.reject('no')
          )(),
        );
      }),
    );
    expect(error.message).toMatch(/:\n {2}"notify": "no"\n {2}\(unnamed work\): "no"$/);
  });

  test('a merge that throws at the promotion is told with the work that it was for', async () => {
    const error = await caught(() =>
      withOperation('root', async () => {
        for (const name of ['first', 'second']) {
          await withOperation(() => {
            const coalesce = (): never => {
              throw new Error('merge');
            };
            defer(() => {}, { name, key: 'k', until: 'root', coalesce });
          });
        }
      }),
    );
    expect(error.message).toContain('merging "second": Error: merge');
  });

  describe('process warnings', () => {
    let warnings: MockInstance<typeof process.emitWarning>;
    beforeEach(() => {
      warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    });
    afterEach(() => {
      warnings.mockRestore();
    });

    test('have a name, a code and a cause', async () => {
      const error = new Error('work');
      const fail = (): Promise<void> =>
        withOperation({ workErrors: 'report' }, () => {
          defer(() => Promise.reject(error));
        });
      await fail();
      const onWorkError = (): Promise<never> => Promise.reject(error);
      await withOperation({ workErrors: 'report', onWorkError }, () => {
        defer(() => Promise.reject(new Error('other')));
      });
      await settleMicrotasks();
      expect(warnings.mock.calls).toEqual([
        [expect.objectContaining({ name: 'DeferqueueWarning', code: 'ERR_DEFERQUEUE_DEFERRED_WORK' })],
        [
          expect.objectContaining({
            name: 'DeferqueueWarning',
            code: 'DEFERQUEUE_LISTENER_FAILED',
            cause: error,
          }),
        ],
      ]);
    });
  });
});

describe('what is printed of operations, tasks and works', () => {
  test('is who they are and how far they have come', async () => {
    const operation = openOperation('request');
    const unnamed = openOperation();
    const work = operation.defer(() => {}, { name: 'mail' });
    let task: Task | undefined;
    await operation.run(() => withTask('upload', (self) => void (task = self)));
    await unnamed.run(() => withTask({}, (self) => expect(inspect(self)).toBe(`Task(#${self.id}, open)`)));
    expect([operation, unnamed, task, work].map((each) => inspect(each))).toEqual([
      `Operation("request" #${operation.id}, open, 1 pending)`,
      `Operation(#${unnamed.id}, open, 0 pending)`,
      `Task("upload" #${task?.id}, closed)`,
      'Deferred("mail", queued)',
    ]);
    await Promise.all([operation.close(), unnamed.close()]);
    expect(inspect(operation)).toContain('closed, 0 pending');
  });
});

describe('what errors of deadlines say', () => {
  const report = {
    id: 7,
    name: 'import',
    outcome: 'success',
    registered: 3,
    counts: {
      ran: 0,
      failed: 0,
      'timed-out': 1,
      skipped: 0,
      cancelled: 0,
      replaced: 0,
      abandoned: 2,
      promoted: 0,
    },
  } as const;

  test('WorkTimeoutError names the work, the operation and the limit, and says what to do', () => {
    expect(new WorkTimeoutError('"mail"', { id: 7, name: 'import' }, 100).message).toBe(
      'Work item "mail" of operation "import" (#7) did not settle within its timeout of 100 ms. ' +
        'Pass its work.signal to what it calls, or raise the limit',
    );
    expect(new WorkTimeoutError('"mail"', { id: 7, name: undefined }, 100, true).message).toBe(
      'Work item "mail" of operation #7 did not settle before the drainTimeout of 100 ms was over. ' +
        'Pass its work.signal to what it calls, or raise the limit',
    );
  });

  test('DrainTimeoutError names what was stuck, five at most, and for how long', () => {
    const stuck = [{ name: 'index', ranFor: 100 }, { name: undefined, ranFor: 0 }, { name: 'mail' }];
    expect(new DrainTimeoutError(100, stuck, [], undefined, report).message).toBe(
      'The drain of operation "import" (#7) did not end within its drainTimeout of 100 ms. Abandoned in the queue: 2; ' +
        'still running:\n  "index" (for 100 ms)\n  (unnamed work) (for 0 ms)\n  "mail"',
    );
    expect(new DrainTimeoutError(100, stuck.slice(0, 1), [], undefined, report).message).toMatch(
      /; still running: "index" \(for 100 ms\)$/,
    );
    const many = Array.from({ length: 7 }, (_, index) => ({ name: `w${index}` }));
    expect(new DrainTimeoutError(100, many, [], undefined, report).message).toContain(
      'still running:\n  "w0"\n  "w1"\n  "w2"\n  "w3"\n  "w4"\n  and 2 more',
    );
    const five = new DrainTimeoutError(100, many.slice(0, 5), [], undefined, report);
    expect(five.message).toMatch(/\n {2}"w4"$/);
  });

  test('DrainTimeoutError tells how many works failed beside what was stuck', () => {
    const counts = { ...report.counts, failed: 1 };
    const error = new DrainTimeoutError(100, [{ name: 'mail' }], [], undefined, { ...report, counts });
    expect(error.message).toMatch(/Abandoned in the queue: 2; failed: 1; still running: "mail"$/);
  });

  test('have no stack, on which there would be a timer and the library alone', () => {
    const timeout = new WorkTimeoutError('"mail"', { id: 7, name: 'import' }, 100);
    expect(timeout.stack).toBe(`WorkTimeoutError: ${timeout.message}`);
    const grace = new ShuttingDownError(50);
    expect(grace.stack).toBe(`ShuttingDownError: ${grace.message}`);
    expect(new ShuttingDownError().stack).toContain('messages.test');
    const drain = new DrainTimeoutError(100, [], [], undefined, report);
    expect(drain.stack).toBe(`DrainTimeoutError: ${drain.message}`);
    expect(Object.keys(drain).toSorted()).toEqual(['code', 'errors']);
  });

  test('DrainTimeoutError of a shutdown says so, and has its error as the cause', () => {
    const cause = new ShuttingDownError(50);
    const error = new DrainTimeoutError(50, [], [], undefined, report, cause);
    expect(error.message).toBe(
      'Operation "import" (#7) had not ended when the grace of shutdown(), 50 ms, was over. Abandoned in the queue: 2; ' +
        'still running: nothing',
    );
    expect(error.cause).toBe(cause);
    expect('cause' in new DrainTimeoutError(50, [], [], undefined, report)).toBe(false);
  });

  test('ShuttingDownError tells what is refused from what is aborted', () => {
    expect(new ShuttingDownError().message).toBe(
      'shutdown() was called: this runtime opens no new operation',
    );
    expect(new ShuttingDownError(50).message).toBe('shutdown() was called, and its grace of 50 ms is over');
    expect(new ShuttingDownError().name).toBe('ShuttingDownError');
  });
});
