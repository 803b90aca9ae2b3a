// Operations in operations, and those whose boundary is no function's end: G6, G17, G18.
import { currentOperation, currentTask, defer, openOperation, withOperation, withTask } from 'deferqueue';
import { settleOperation, DrainInProgressError } from 'deferqueue';
import { assert, counted, gate, rejection, rest, thrown, turn } from './support.js';

export const nesting = [
  {
    title: 'G17 a nested operation drains at its own boundary and leaves the queue around it alone',
    async run() {
      const log = [];
      await withOperation('outer', async (outer) => {
        defer(() => log.push('outer'));
        await withOperation('inner', async (inner) => {
          assert.equal(inner.parent, outer);
          assert.equal(inner.root, outer);
          defer(() => log.push(`inner in ${currentOperation()?.name}`));
          await turn();
          assert.equal(outer.pending, 1);
        });
        log.push('after inner');
        assert.equal(currentOperation(), outer);
      });
      assert.deepEqual(log, ['inner in inner', 'after inner', 'outer']);
    },
  },
  {
    title: 'G17 join runs inside the operation that is there, and opens one where there is none',
    async run() {
      const log = [];
      await withOperation('outer', async (outer) => {
        await withOperation({ nesting: 'join' }, async (joined) => {
          assert.equal(joined, outer);
          defer(() => log.push('joined'));
        });
        log.push('function');
      });
      await withOperation({ nesting: 'join', name: 'root' }, (root) => {
        assert.equal(root.parent, undefined);
        defer(() => log.push('root'));
      });
      assert.deepEqual(log, ['function', 'joined', 'root']);
    },
  },
  {
    title: 'G17 a detached operation is waited for by nobody',
    async run() {
      const held = gate();
      const log = [];
      let detached = Promise.resolve();
      await withOperation('outer', () => {
        detached = withOperation({ nesting: 'detached' }, async (operation) => {
          assert.equal(operation.parent, undefined);
          await held.passed;
          defer(() => log.push('detached'));
        });
        defer(() => log.push('outer'));
      });
      assert.deepEqual(log, ['outer']);
      held.open();
      await detached;
      assert.deepEqual(log, ['outer', 'detached']);
    },
  },
  {
    title: "G18 until: 'root' waits for the outermost boundary, at any depth and any concurrency",
    async run() {
      for (const concurrency of [1, 3, Infinity]) {
        const log = [];
        await withOperation({ name: 'root', concurrency }, async () => {
          defer(() => log.push('own'));
          await withOperation('middle', async () => {
            await withOperation('inner', async () => {
              await turn();
              defer(() => log.push(`promoted to ${currentOperation()?.name}, ${currentTask()}`), {
                until: 'root',
              });
              defer(() => log.push('inner'));
            });
            log.push('middle');
          });
        });
        assert.deepEqual(log, ['inner', 'middle', 'own', 'promoted to root, undefined']);
      }
    },
  },
  {
    title: 'G18 success there means that every operation on the path succeeded, failure that one failed',
    async run() {
      const log = [];
      const reason = new Error('savepoint');
      await withOperation('root', async () => {
        for (const fails of [false, true]) {
          const nested = withOperation(`fails ${fails}`, () => {
            const name = `fails ${fails}`;
            defer(() => log.push(`${name}: success`), { on: 'success', until: 'root' });
            defer(({ outcome }) => log.push(`${name}: failure`, outcome.reason), {
              on: 'failure',
              until: 'root',
            });
            if (fails) throw reason;
          });
          if (fails) assert.equal(await rejection(nested), reason);
          else await nested;
        }
      });
      assert.deepEqual(log, ['fails false: success', 'fails true: failure', reason]);
    },
  },
  {
    title: 'G18, G22 a promoted work is registered and promoted on the way, and its handle follows it',
    async run() {
      let handle;
      let inner;
      const outer = await settleOperation('root', async () => {
        inner = await settleOperation('inner', () => {
          handle = defer(() => {}, { until: 'root', name: 'promoted' });
        });
        assert.equal(handle.state, 'queued');
      });
      assert.deepEqual(counted(inner.report), { promoted: 1 });
      assert.deepEqual(counted(outer.report), { ran: 1 });
      assert.deepEqual(await handle.settled, { name: 'promoted', state: 'ran' });
    },
  },
  {
    title: 'G6, G18 the signal of a nested operation follows its parent, and a rejected function aborts it',
    async run() {
      const reason = new Error('parent');
      let nestedSignal;
      const error = await rejection(
        withOperation('outer', async (outer) => {
          void withOperation('inner', async ({ signal }) => {
            nestedSignal = signal;
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          });
          assert.equal(outer.signal.aborted, false);
          throw reason;
        }),
      );
      assert.equal(error, reason);
      assert.equal(nestedSignal.reason, reason);
    },
  },
  {
    title: 'openOperation: run, then close waits for what still runs, and reports',
    async run() {
      const log = [];
      const held = gate();
      const operation = openOperation('opened');
      assert.equal(currentOperation(), undefined);
      const ran = operation.run(async () => {
        await held.passed;
        defer(() => log.push('work'));
        return 'value';
      });
      const closed = operation.close();
      await rest();
      assert.deepEqual(log, []);
      held.open();
      assert.equal(await ran, 'value');
      const report = await closed;
      assert.deepEqual([report.name, report.outcome, counted(report)], ['opened', 'success', { ran: 1 }]);
      assert.equal(operation.close(), closed);
    },
  },
  {
    title: 'openOperation: the first fail makes the outcome, aborts the signal, and close resolves',
    async run() {
      const log = [];
      const reason = new Error('first');
      const operation = openOperation();
      operation.defer(() => log.push('success'), { on: 'success' });
      operation.defer(({ outcome }) => log.push(outcome.reason), { on: 'failure' });
      operation.fail(reason);
      operation.fail(new Error('second'));
      assert.equal(operation.signal.reason, reason);
      const report = await operation.close();
      assert.deepEqual([report.outcome, counted(report)], ['failure', { ran: 1, skipped: 1 }]);
      assert.deepEqual(log, [reason]);
      const closed = openOperation();
      await closed.close();
      assert.equal(thrown(() => closed.fail(reason)).code, 'ERR_DEFERQUEUE_OPERATION_CLOSED');
    },
  },
  {
    title: 'openOperation: close from one of its own works is a DrainInProgressError',
    async run() {
      let error;
      const operation = openOperation();
      operation.defer(async () => {
        error = await rejection(operation.close());
      });
      await operation.close();
      assert.ok(error instanceof DrainInProgressError);
    },
  },
  {
    title: 'openOperation: Symbol.asyncDispose closes it',
    async run() {
      const log = [];
      const operation = openOperation();
      operation.run(() => withTask('task', () => void defer(() => log.push('work'))));
      await operation[Symbol.asyncDispose]();
      assert.deepEqual([log, operation.state], [['work'], 'closed']);
    },
  },
];
