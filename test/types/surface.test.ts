import {
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  DeferqueueError,
  DeferredWorkError,
  flush,
  openOperation,
  QueueFullError,
  settleOperation,
  shutdown,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type {
  AbandonedWork,
  Deferred,
  DeferOptions,
  DiscardReason,
  EndState,
  ErrorCode,
  OpenOperation,
  Operation,
  OperationOptions,
  OperationReport,
  OperationState,
  Outcome,
  Runtime,
  SettledOperation,
  ShutdownReport,
  StuckOperation,
  StuckWork,
  Task,
  Work,
  WorkReport,
  WorkState,
} from 'deferqueue';
import PQueue9 from 'p-queue';
import PQueue10 from 'p-queue-10';
import { describe, expectTypeOf, test } from 'vitest';

/** Compiled and never called: what is written in it has to be right for the compiler alone. */
const compiled = (_fn: (operation: Operation, task: Task) => unknown): void => {};

const run = (): void => {};

describe('defer', () => {
  test('gives work.data the type of options.data, and no type without it', () => {
    compiled(() => {
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<{ id: number }>(), { data: { id: 1 } });
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<string>(), { data: 'text', on: 'success' });
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<undefined>());
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<undefined>(), { name: 'unloaded' });
    });
  });

  test('gives the whole work its type', () => {
    compiled(() => {
      defer(
        (work) => {
          expectTypeOf(work).toEqualTypeOf<Work<number[]>>();
          expectTypeOf(work.outcome).toEqualTypeOf<Outcome | undefined>();
          expectTypeOf(work.signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(work.operation).toEqualTypeOf<Operation>();
          expectTypeOf(work.task).toEqualTypeOf<Task | undefined>();
        },
        { data: [1, 2] },
      );
    });
  });

  test('takes a function that asks for nothing, is async, or is typed by hand', () => {
    compiled(() => {
      expectTypeOf(defer(run)).toEqualTypeOf<Deferred>();
      expectTypeOf(defer(async () => 1)).toEqualTypeOf<Deferred>();
      defer((work: Work<Date>) => work.data.getTime(), { data: new Date() });
      // @ts-expect-error the data has another type than the function takes
      defer((work: Work<Date>) => work.data.getTime(), { data: 'today' });
    });
  });

  test('gives discard the reason and the type of the data', () => {
    compiled(() => {
      defer(run, {
        data: { path: '/tmp' },
        discard: (reason, data) => {
          expectTypeOf(reason).toEqualTypeOf<DiscardReason>();
          expectTypeOf(data).toEqualTypeOf<{ path: string }>();
        },
      });
      defer(run, { discard: (_reason, data) => expectTypeOf(data).toEqualTypeOf<undefined>() });
      // @ts-expect-error discard takes the type of the data
      defer(run, { data: 1, discard: (_reason, data: string) => data });
    });
  });

  test('gives coalesce the type of the data twice, and takes it back', () => {
    compiled(() => {
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<string[]>(), {
        key: 'paths',
        data: ['a'],
        coalesce: (earlier, later) => {
          expectTypeOf(earlier).toEqualTypeOf<string[]>();
          expectTypeOf(later).toEqualTypeOf<string[]>();
          return [...earlier, ...later];
        },
      });
      defer(run, { key: Symbol('any key'), coalesce: 'first' });
      // @ts-expect-error the merged data has another type
      defer(run, { key: 'paths', data: ['a'], coalesce: (earlier) => earlier.length });
    });
  });

  test('takes no data that does not survive a copy', () => {
    class Money {
      amount = 3;
      get text(): string {
        return String(this.amount);
      }
      add(): number {
        return this.amount;
      }
    }
    class OrderError extends Error {
      order = new Money();
    }
    class Index extends Map<string, number> {
      find(): number {
        return this.size;
      }
    }
    interface Order {
      readonly id: string;
      readonly lines?: readonly { sku: string; count: number }[] | undefined;
      parent?: Order;
    }
    const order: Order = { id: 'a' };
    const payload: unknown = order;
    compiled(() => {
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<Order>(), { data: order });
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<unknown>(), { data: payload });
      defer((work) => expectTypeOf(work.data.toString('hex')).toEqualTypeOf<string>(), {
        data: Buffer.from('a'),
      });
      defer(run, {
        data: { when: new Date(), map: new Map([[1, new Set(['a'])]]), bytes: new Uint8Array(2), at: /a/ },
      });
      defer(run, { data: [new TypeError('no'), null, undefined, 1n, true] });
      // @ts-expect-error a function
      defer(run, { data: () => {} });
      // @ts-expect-error a function somewhere in it
      defer(run, { data: { deep: [{ done: () => {} }] } });
      // @ts-expect-error a symbol
      defer(run, { data: { tag: Symbol('a') } });
      // @ts-expect-error an instance of a class with methods
      defer(run, { data: { price: new Money() } });
      // @ts-expect-error in a map
      defer(run, { data: new Map([['a', new Money()]]) });
      // @ts-expect-error a map with methods of its own
      defer(run, { data: new Index() });
      // @ts-expect-error an error whose fields do not survive
      defer(run, { data: new OrderError('no') });
      // @ts-expect-error a class of the platform that is not copied
      defer(run, { data: new URL('http://a/b') });
      // @ts-expect-error shared memory
      defer(run, { data: new SharedArrayBuffer(8) });
    });
  });

  test('can be wrapped with its options', () => {
    const later = <D>(fn: (work: Work<D>) => unknown, options: DeferOptions<D>): Deferred =>
      defer(fn, options);
    compiled(() => {
      later((work) => expectTypeOf(work.data).toEqualTypeOf<number>(), { data: 1 });
    });
  });

  test('takes coalesce beside a key alone', () => {
    compiled(() => {
      // @ts-expect-error coalesce needs a key
      defer(run, { coalesce: 'last' });
      // @ts-expect-error neither is there another word for it
      defer(run, { key: 1, coalesce: 'all' });
    });
  });

  test('takes no option that it does not know, and no other value', () => {
    compiled((_operation, task) => {
      // @ts-expect-error a misspelt option
      defer(run, { when: 'success' });
      // @ts-expect-error a misspelt value
      defer(run, { on: 'succes' });
      // An option that may be undefined is passed on as it is.
      defer(run, { name: undefined, signal: undefined, task: undefined });
      defer(run, { task });
      defer(run, { task: null });
      // @ts-expect-error a task is bound by itself, not by its name
      defer(run, { task: 'task' });
    });
  });

  test('has the same type on an operation and on a runtime', () => {
    expectTypeOf<Operation['defer']>().parameters.toEqualTypeOf<Parameters<typeof defer>>();
    compiled((operation) => {
      operation.defer((work) => expectTypeOf(work.data).toEqualTypeOf<number>(), { data: 1 });
      createRuntime().defer((work) => expectTypeOf(work.data).toEqualTypeOf<number>(), { data: 1 });
    });
  });

  test('options can be written apart', () => {
    compiled(() => {
      const options: DeferOptions<number> = { data: 1, key: 'sum', coalesce: (a, b) => a + b };
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<number>(), options);
      const plain: DeferOptions = { on: 'failure' };
      defer((work) => expectTypeOf(work.data).toEqualTypeOf<undefined>(), plain);
    });
  });
});

describe('withOperation and settleOperation', () => {
  test('withOperation resolves with what its function returns, sync or async', () => {
    compiled(() => {
      expectTypeOf(withOperation(() => 1)).toEqualTypeOf<Promise<number>>();
      expectTypeOf(withOperation(async () => 'text')).toEqualTypeOf<Promise<string>>();
      expectTypeOf(withOperation('name', (operation) => operation)).toEqualTypeOf<Promise<Operation>>();
      expectTypeOf(withOperation({ order: 'lifo' }, async () => {})).toEqualTypeOf<Promise<void>>();
    });
  });

  test('settleOperation resolves with the outcome and the report', () => {
    compiled(async () => {
      expectTypeOf(settleOperation('name', async () => 1)).toEqualTypeOf<Promise<SettledOperation<number>>>();
      const { outcome, report } = await settleOperation({}, () => 1);
      expectTypeOf(report).toEqualTypeOf<OperationReport>();
      expectTypeOf(outcome).toEqualTypeOf<Outcome<number>>();
      if (outcome.status === 'fulfilled') expectTypeOf(outcome.value).toEqualTypeOf<number>();
      else expectTypeOf(outcome.reason).toBeAny();
    });
  });

  test('options are those that exist', () => {
    compiled(() => {
      // @ts-expect-error a misspelt option
      void withOperation({ nme: 'x' }, run);
      // @ts-expect-error a misspelt value
      void withOperation({ nesting: 'joined' }, run);
      // @ts-expect-error without a function there is nothing to run
      void withOperation('name');
    });
    expectTypeOf<OperationOptions['onWorkError']>().toEqualTypeOf<
      ((error: unknown, work: WorkReport, operation: Operation) => unknown) | undefined
    >();
  });

  test('concurrency is a number or a PQueue of p-queue 9 or 10', () => {
    compiled(() => {
      const nine = new PQueue9({ concurrency: 2, interval: 100, intervalCap: 5 });
      const ten = new PQueue10({ concurrency: 2 });
      void withOperation({ concurrency: nine }, () => {});
      void withOperation({ concurrency: ten }, () => {});
      void withOperation({ concurrency: Infinity }, () => {});
      createRuntime({ defaults: { concurrency: nine, drainTimeout: 1000 } });
      // @ts-expect-error a task has a number: the queue is the operation's
      void withTask({ concurrency: nine }, () => {});
      // @ts-expect-error no queue
      void withOperation({ concurrency: { concurrency: 2 } }, () => {});
    });
  });

  test('shutdown resolves with a report of plain data', () => {
    compiled(async () => {
      const report = await shutdown({ grace: 1000 });
      expectTypeOf(report).toEqualTypeOf<ShutdownReport>();
      expectTypeOf(report.stuck).toEqualTypeOf<readonly StuckOperation[]>();
      expectTypeOf(report.stuck[0]!.running).toEqualTypeOf<readonly StuckWork[]>();
      expectTypeOf(report.stuck[0]!.abandoned).toEqualTypeOf<readonly AbandonedWork[]>();
      expectTypeOf(report.stuck[0]!.running[0]!.ranFor).toEqualTypeOf<number | undefined>();
      void shutdown({ grace: undefined });
      // @ts-expect-error nothing of it can be set
      report.ended = 1;
      // @ts-expect-error a misspelt option
      void shutdown({ timeout: 10 });
    });
  });

  test('the functions are those of a runtime, and need no `this`', () => {
    expectTypeOf(createRuntime()).toEqualTypeOf<Runtime>();
    expectTypeOf(withOperation).toEqualTypeOf<Runtime['withOperation']>();
    expectTypeOf(flush).toEqualTypeOf<Runtime['flush']>();
    expectTypeOf(flush).returns.toEqualTypeOf<Promise<number>>();
    expectTypeOf(shutdown).returns.toEqualTypeOf<Promise<ShutdownReport>>();
    expectTypeOf(currentOperation).returns.toEqualTypeOf<Operation | undefined>();
    expectTypeOf(currentTask).returns.toEqualTypeOf<Task | undefined>();
    compiled(() => {
      // @ts-expect-error a misspelt option
      createRuntime({ default: {} });
    });
  });
});

describe('withTask', () => {
  test('resolves with what its function returns, and hands it the task', () => {
    compiled(() => {
      expectTypeOf(withTask('name', (task) => task)).toEqualTypeOf<Promise<Task>>();
      expectTypeOf(withTask({ name: 'name' }, async () => 1)).toEqualTypeOf<Promise<number>>();
      // @ts-expect-error a misspelt option
      void withTask({ concurency: 1 }, run);
    });
  });
});

describe('use', () => {
  test('returns its argument with the type that it has, null and undefined included', () => {
    compiled((operation) => {
      class Connection {
        query(): number {
          return 1;
        }
        async [Symbol.asyncDispose](): Promise<void> {}
      }
      expectTypeOf(use(new Connection())).toEqualTypeOf<Connection>();
      expectTypeOf(operation.use({ [Symbol.dispose]: run, a: 1 }).a).toEqualTypeOf<number>();
      expectTypeOf(use(null)).toEqualTypeOf<null>();
      expectTypeOf(use(undefined)).toEqualTypeOf<undefined>();
      const maybe = (): Connection | null => null;
      expectTypeOf(use(maybe())).toEqualTypeOf<Connection | null>();
      // @ts-expect-error nothing disposes it
      use({ close: run });
    });
  });
});

describe('operations, tasks, works and reports', () => {
  test('run returns what its function returns, and bind keeps the parameters', () => {
    compiled((operation) => {
      expectTypeOf(operation.run(() => 1)).toEqualTypeOf<number>();
      expectTypeOf(operation.run(async () => 1)).toEqualTypeOf<Promise<number>>();
      const bound = operation.bind((id: number, ...names: string[]) => names.length === id);
      expectTypeOf(bound).toEqualTypeOf<(id: number, ...names: string[]) => boolean>();
    });
  });

  test('an open operation can be closed, and no other', () => {
    expectTypeOf<OpenOperation['close']>().returns.toEqualTypeOf<Promise<OperationReport>>();
    expectTypeOf<OpenOperation['fail']>().parameters.toEqualTypeOf<[reason: unknown]>();
    expectTypeOf<OpenOperation>().toExtend<Operation>();
    expectTypeOf<OpenOperation>().toExtend<AsyncDisposable>();
    expectTypeOf<Operation>().not.toHaveProperty('close');
    expectTypeOf<Operation>().not.toHaveProperty('fail');
    compiled(async () => {
      await using operation = openOperation();
      expectTypeOf(operation).toEqualTypeOf<OpenOperation>();
      // @ts-expect-error what everybody can have cannot be closed
      currentOperation()?.close();
    });
  });

  test('an operation and a task show what they are, and nothing of it can be set', () => {
    expectTypeOf<keyof Operation>().toEqualTypeOf<
      | 'id'
      | 'name'
      | 'parent'
      | 'root'
      | 'state'
      | 'signal'
      | 'pending'
      | 'run'
      | 'bind'
      | 'defer'
      | 'use'
      | 'flush'
    >();
    expectTypeOf<Task>().toEqualTypeOf<{
      readonly id: number;
      readonly name: string | undefined;
      readonly operation: Operation;
      readonly state: OperationState;
      readonly signal: AbortSignal;
    }>();
    expectTypeOf<OperationState>().toEqualTypeOf<'open' | 'draining' | 'closed'>();
    compiled((operation) => {
      // @ts-expect-error states are read
      operation.state = 'closed';
    });
  });

  test('a Deferred is a handle of four members', () => {
    expectTypeOf<Deferred>().toEqualTypeOf<{
      readonly name: string | undefined;
      readonly state: WorkState;
      cancel(): boolean;
      readonly settled: Promise<WorkReport>;
    }>();
    expectTypeOf<WorkState>().toEqualTypeOf<'queued' | 'running' | Exclude<EndState, 'promoted'>>();
  });

  test('a report is plain data that cannot be changed, with a number for each end state', () => {
    expectTypeOf<OperationReport>().toEqualTypeOf<{
      readonly id: number;
      readonly name: string | undefined;
      readonly outcome: 'success' | 'failure';
      readonly registered: number;
      readonly counts: Readonly<Record<EndState, number>>;
      readonly works?: readonly WorkReport[];
    }>();
    expectTypeOf<WorkReport>().toEqualTypeOf<{
      readonly name: string | undefined;
      readonly state: EndState;
      readonly reason?: unknown;
      readonly task?: string;
      readonly key?: unknown;
      readonly trace?: string;
      readonly waited?: number;
      readonly took?: number;
    }>();
  });
});

describe('errors', () => {
  test('instanceof tells them apart, and each has its code and its fields', () => {
    compiled((error: unknown) => {
      if (error instanceof QueueFullError) {
        expectTypeOf(error).toEqualTypeOf<QueueFullError>();
        expectTypeOf(error.maxPending).toEqualTypeOf<number>();
      }
      if (error instanceof DeferqueueError) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
      if (error instanceof DeferredWorkError) {
        expectTypeOf(error.report).toEqualTypeOf<OperationReport>();
        expectTypeOf(error.value).toBeUnknown();
      }
    });
    expectTypeOf<QueueFullError['code']>().toEqualTypeOf<'ERR_DEFERQUEUE_QUEUE_FULL'>();
    expectTypeOf<DeferredWorkError['value']>().toBeUnknown();
    expectTypeOf<DeferredWorkError<number>['value']>().toEqualTypeOf<number>();
  });
});
