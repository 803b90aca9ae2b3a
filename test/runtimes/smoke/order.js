// When works run, and in which order: G6 to G9, G12.
import {
  currentOperation,
  currentTask,
  defer,
  flush,
  use,
  withOperation,
  withTask,
  DeferChainError,
  DrainInProgressError,
  NoTaskError,
  OperationClosedError,
  QueueFullError,
} from 'deferqueue';
import { assert, gate, rejection, rest, thrown, turn } from './support.js';

export const order = [
  {
    title: 'G6 works run after the function, and withOperation settles after them, with its value',
    async run() {
      const log = [];
      const value = await withOperation('operation', async () => {
        defer(async () => {
          await turn();
          log.push('work');
        });
        await turn();
        log.push('function');
        return 42;
      });
      assert.deepEqual([...log, value], ['function', 'work', 42]);
    },
  },
  {
    title: 'G6 the function is called before withOperation returns',
    async run() {
      let called = false;
      const operation = withOperation(() => {
        called = true;
      });
      assert.equal(called, true);
      await operation;
    },
  },
  {
    title: 'G6 the boundary waits for tasks and nested operations that nobody awaited',
    async run() {
      const log = [];
      const gates = [gate(), gate()];
      const operation = withOperation(() => {
        defer(() => log.push('work'));
        void withTask('task', () => gates[0].passed.then(() => log.push('task')));
        void withOperation('nested', () => gates[1].passed.then(() => log.push('nested')));
      });
      await rest();
      assert.deepEqual(log, []);
      gates[1].open();
      await rest();
      assert.deepEqual(log, ['nested']);
      gates[0].open();
      await operation;
      assert.deepEqual(log, ['nested', 'task', 'work']);
    },
  },
  {
    title: 'G7 task queues in start order, then the own queue, then resources, last taken first',
    async run() {
      const log = [];
      const first = gate();
      await withOperation(async () => {
        use({ [Symbol.dispose]: () => log.push('resource 1') });
        use({ [Symbol.asyncDispose]: async () => log.push('resource 2') });
        defer(() => log.push('own 1'));
        const slow = withTask('slow', async () => {
          await first.passed;
          defer(() => log.push('slow 1'));
          defer(() => log.push('slow 2'));
        });
        await withTask('quick', () => {
          defer(() => log.push('quick 1'));
          defer(() => log.push('end of quick'), { until: 'task' });
          defer(() => log.push('own 2'), { task: null });
        });
        log.push('quick settled');
        first.open();
        await slow;
      });
      assert.deepEqual(log, [
        'end of quick',
        'quick settled',
        'slow 1',
        'slow 2',
        'quick 1',
        'own 1',
        'own 2',
        'resource 2',
        'resource 1',
      ]);
    },
  },
  {
    title: 'G7 a lifo queue runs the newest work next, also one that is deferred by a work',
    async run() {
      const log = [];
      await withOperation({ order: 'lifo' }, () => {
        defer(() => log.push('a'));
        defer(() => {
          log.push('b');
          defer(() => log.push('b1'));
        });
        defer(() => log.push('c'));
      });
      assert.deepEqual(log, ['c', 'b', 'b1', 'a']);
    },
  },
  {
    title: "G7 until: 'task' outside a task is a NoTaskError",
    run() {
      return withOperation(() => {
        const error = thrown(() => defer(() => {}, { until: 'task' }));
        assert.ok(error instanceof NoTaskError);
        assert.equal(error.code, 'ERR_DEFERQUEUE_NO_TASK');
      });
    },
  },
  {
    title: 'G7 a disposer that fails stops no other, and a resource without a method is refused',
    async run() {
      const log = [];
      const reason = new Error('disposer');
      const error = await rejection(
        withOperation(() => {
          assert.ok(thrown(() => use({})) instanceof TypeError);
          assert.equal(use(null), null);
          use({ [Symbol.dispose]: () => log.push('first') });
          use({
            [Symbol.dispose]: () => {
              throw reason;
            },
          });
        }),
      );
      assert.deepEqual(error.errors, [reason]);
      assert.deepEqual(log, ['first']);
    },
  },
  {
    title: 'G8 works that works defer run in the same drain, a task queue that fills again first',
    async run() {
      const log = [];
      await withOperation(async () => {
        let task;
        await withTask('task', (self) => void (task = self));
        defer(() => {
          log.push('1');
          defer(() => log.push('3'));
          defer(() => log.push(`task of ${currentTask()?.name}`), { task });
        });
        defer(() => log.push('2'));
      });
      assert.deepEqual(log, ['1', 'task of task', '2', '3']);
    },
  },
  {
    title: 'G8 a chain of works for ever is a DeferChainError',
    async run() {
      let ran = 0;
      const again = () => {
        ran++;
        defer(again, { name: `link ${ran}` });
      };
      const error = await rejection(withOperation({ maxChain: 50 }, () => void defer(again)));
      assert.equal(ran, 50);
      assert.ok(error.errors[0] instanceof DeferChainError);
      assert.equal(error.errors[0].chain.length, 50);
    },
  },
  {
    title: 'G8 ten thousand works, each deferred by the one before, overflow no stack',
    async run() {
      let ran = 0;
      const again = () => {
        ran++;
        if (ran < 10_000) defer(again);
      };
      await withOperation({ maxChain: Infinity }, () => void defer(again));
      assert.equal(ran, 10_000);
    },
  },
  {
    title: 'G9 after the seal defer is an OperationClosedError, in the leaked continuation that called it',
    async run() {
      const late = gate();
      let leaked = Promise.resolve([]);
      await withOperation('sealed', () => {
        leaked = late.passed.then(() => {
          const error = thrown(() => defer(() => {}));
          return [error, currentOperation()?.state];
        });
      });
      late.open();
      const [error, state] = await leaked;
      assert.ok(error instanceof OperationClosedError);
      assert.equal(error.code, 'ERR_DEFERQUEUE_OPERATION_CLOSED');
      assert.equal(state, 'closed');
    },
  },
  {
    title: 'G12 flush runs what is queued, conditional work stays, and it tells how many ran',
    async run() {
      const log = [];
      await withOperation(async () => {
        defer(() => {
          log.push('1');
          defer(() => log.push('2'));
        });
        defer(() => log.push('success'), { on: 'success' });
        log.push(await flush());
      });
      assert.deepEqual(log, ['1', '2', 2, 'success']);
    },
  },
  {
    title: 'G12 flush of the queue that is being drained is a DrainInProgressError',
    async run() {
      let error;
      await withOperation(() => {
        defer(async () => {
          error = await rejection(flush());
        });
      });
      assert.ok(error instanceof DrainInProgressError);
    },
  },
  {
    title: 'G24 one work more than maxPending is a QueueFullError, and nothing queued is lost',
    async run() {
      const log = [];
      await withOperation({ maxPending: 2 }, (operation) => {
        defer(() => log.push(1));
        defer(() => log.push(2));
        const error = thrown(() => defer(() => log.push(3)));
        assert.ok(error instanceof QueueFullError);
        assert.equal(error.maxPending, 2);
        assert.equal(operation.pending, 2);
      });
      assert.deepEqual(log, [1, 2]);
    },
  },
];
