// Time: G15, G23, G23a. The timers are real and short; what is asserted is how things stand, never how long they took.
import { createRuntime, defer, settleOperation, use, withOperation, withTask } from 'deferqueue';
import { DrainTimeoutError, ShuttingDownError, WorkTimeoutError } from 'deferqueue';
import { assert, counted, gate, never, rejection, rest, thrown, turn } from './support.js';

export const deadlines = [
  {
    title: 'G15 the signal of a work is fresh, though the function has failed and the operation is aborted',
    async run() {
      const log = [];
      await settleOperation('failing', (operation) => {
        defer(async ({ signal }) => {
          await turn();
          log.push(operation.signal.aborted, signal.aborted, signal instanceof AbortSignal);
        });
        throw new Error('no');
      });
      assert.deepEqual(log, [true, false, true]);
    },
  },
  {
    title: 'G23 a work over its timeout is aborted and named, and the next one runs',
    async run() {
      const log = [];
      const { report } = await settleOperation({ report: 'full' }, () => {
        defer(
          ({ signal }) => {
            signal.addEventListener('abort', () => log.push(signal.reason));
            return never();
          },
          { name: 'stuck', timeout: 5 },
        );
        defer(() => log.push('next'));
      });
      assert.ok(log[0] instanceof WorkTimeoutError);
      assert.deepEqual([log[0].code, log[0].timeout], ['ERR_DEFERQUEUE_WORK_TIMEOUT', 5]);
      assert.match(log[0].message, /"stuck"/);
      assert.equal(log[1], 'next');
      assert.deepEqual(counted(report), { ran: 1, 'timed-out': 1 });
      assert.equal(report.works[0].reason, log[0]);
    },
  },
  {
    title: 'G23 a work that times out gives its place away, at any concurrency',
    async run() {
      for (const concurrency of [1, 2, Infinity]) {
        const log = [];
        const { report } = await settleOperation({ concurrency }, () => {
          for (let index = 0; index < 3; index++) defer(never, { timeout: 3 });
          defer(() => log.push('ran'));
        });
        assert.deepEqual(log, ['ran']);
        assert.deepEqual(counted(report), { ran: 1, 'timed-out': 3 });
      }
    },
  },
  {
    title: 'G23 a work that settles in time is left alone, and so is one with the longest of timeouts',
    async run() {
      const { report } = await settleOperation({ drainTimeout: 2 ** 40 }, () => {
        defer(turn, { timeout: 60_000 });
        defer(turn, { timeout: 2 ** 40 });
        defer(turn, { timeout: Infinity });
      });
      assert.deepEqual(counted(report), { ran: 3 });
    },
  },
  {
    title: 'G23 drainTimeout cuts the operation short, names what was stuck, and disposes its resources',
    async run() {
      const log = [];
      const late = gate();
      const error = await rejection(
        withOperation({ name: 'import', drainTimeout: 10 }, () => {
          use({ [Symbol.dispose]: () => log.push('disposed') });
          defer(({ signal }) => {
            signal.addEventListener('abort', () => log.push('aborted'));
            return late.passed.then(() => log.push('late'));
          });
          defer(() => log.push('never'), { name: 'queued', discard: (reason) => log.push(reason) });
          return 'value';
        }),
      );
      assert.ok(error instanceof DrainTimeoutError);
      assert.equal(error.code, 'ERR_DEFERQUEUE_DRAIN_TIMEOUT');
      assert.equal(error.value, 'value');
      assert.deepEqual(log, ['aborted', 'abandoned', 'disposed']);
      assert.equal(error.stuck.length, 1);
      assert.equal(typeof error.stuck[0].ranFor, 'number');
      assert.deepEqual(counted(error.report), { 'timed-out': 1, abandoned: 1 });
      late.open();
      await rest();
      assert.equal(log.at(-1), 'late');
      assert.deepEqual(counted(error.report), { 'timed-out': 1, abandoned: 1 });
    },
  },
  {
    title: "G23 the function's own reason goes before a DrainTimeoutError",
    async run() {
      const reason = new Error('function');
      const error = await rejection(
        withOperation({ drainTimeout: 5, onWorkError: () => {} }, () => {
          defer(never);
          throw reason;
        }),
      );
      assert.equal(error, reason);
    },
  },
  {
    title: 'G23a shutdown refuses new operations and waits for the live ones and their works',
    async run() {
      const { defer: deferHere, withOperation: open, shutdown, openOperation } = createRuntime();
      const held = gate();
      const log = [];
      const operation = open('live', async () => {
        deferHere(() => log.push('work'));
        await held.passed;
        await open('nested', () => log.push('nested'));
      });
      const down = shutdown();
      assert.equal(shutdown(), down);
      assert.ok((await rejection(open(() => {}))) instanceof ShuttingDownError);
      assert.equal(thrown(openOperation).code, 'ERR_DEFERQUEUE_SHUTTING_DOWN');
      void down.then(() => log.push('down'));
      await rest();
      assert.deepEqual(log, []);
      held.open();
      void operation.then(() => log.push('operation'));
      assert.deepEqual(await down, { ended: 2, stuck: [] });
      assert.deepEqual(log, ['nested', 'work', 'operation', 'down']);
    },
  },
  {
    title: 'G23a after the grace, what is still live is cut short and named in the report',
    async run() {
      const runtime = createRuntime();
      const log = [];
      const operation = runtime.withOperation('stuck', () => {
        runtime.defer(never, { name: 'hangs' });
        runtime.defer(() => {}, { name: 'queued', discard: (reason) => log.push(reason) });
      });
      const settled = rejection(operation);
      const { ended, stuck } = await runtime.shutdown({ grace: 10 });
      assert.equal(ended, 0);
      assert.deepEqual(
        stuck.map(({ name, state, running, abandoned }) => [
          name,
          state,
          running.map((work) => work.name),
          abandoned.map((work) => work.name),
        ]),
        [['stuck', 'draining', ['hangs'], ['queued']]],
      );
      assert.deepEqual(log, ['abandoned']);
      const error = await settled;
      assert.ok(error instanceof DrainTimeoutError && error.cause instanceof ShuttingDownError);
    },
  },
  {
    title: 'G23, G6 an AbortSignal.timeout as the signal of an operation aborts operation.signal alone',
    async run() {
      const log = [];
      const value = await withOperation({ signal: AbortSignal.timeout(3) }, async ({ signal }) => {
        defer((work) => log.push(work.signal.aborted));
        await withTask('task', async (task) => {
          if (!task.signal.aborted)
            await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
        });
        return signal.reason.name;
      });
      assert.equal(value, 'TimeoutError');
      assert.deepEqual(log, [false]);
    },
  },
];
