// What is refused, and how failures are told: G3, G4, G20, G21.
import * as deferqueue from 'deferqueue';
import {
  currentOperation,
  defer,
  flush,
  settleOperation,
  use,
  withOperation,
  withTask,
  DeferqueueError,
  DeferredWorkError,
  NoOperationError,
} from 'deferqueue';
import { assert, counted, rejection, rest, thrown, turn } from './support.js';

const fail = (error) => () => {
  throw error;
};

/** What the process was warned of while `fn` ran. */
const warningsOf = async (fn) => {
  const warnings = [];
  const note = (warning) => warnings.push(warning);
  process.on('warning', note);
  try {
    await fn();
    await rest();
  } finally {
    process.off('warning', note);
  }
  return warnings.filter(({ name }) => name === 'DeferqueueWarning');
};

const warned = {
  what: 'process warnings',
  on: { 'workerd-2024': /process\.on is not a function/ },
};

export const errors = [
  {
    title: 'G3 outside any operation defer, use, withTask and flush are a NoOperationError',
    async run() {
      assert.equal(currentOperation(), undefined);
      const found = [
        thrown(() => defer(() => {})),
        thrown(() => use({ [Symbol.dispose]: () => {} })),
        await rejection(withTask('task', () => {})),
        await rejection(flush()),
      ];
      for (const error of found) {
        assert.ok(error instanceof NoOperationError && error instanceof DeferqueueError);
        assert.ok(error instanceof Error);
        assert.equal(error.name, 'NoOperationError');
        assert.equal(error.code, 'ERR_DEFERQUEUE_NO_OPERATION');
        assert.match(error.stack, /NoOperationError/);
      }
    },
  },
  {
    title: "G3 with outside: 'run' the work is entered before defer returns",
    async run() {
      const log = [];
      const { settled } = defer(({ data }) => void log.push(data.a), { data: { a: 1 }, outside: 'run' });
      assert.deepEqual(log, [1]);
      assert.equal((await settled).state, 'ran');
    },
  },
  {
    title: 'G4 bad arguments are TypeErrors and RangeErrors with a code, and nothing is queued',
    async run() {
      const bad = [
        [TypeError, () => defer('no function')],
        [TypeError, () => defer(() => {}, { on: 'sometimes' })],
        [TypeError, () => defer(() => {}, { unknown: 1 })],
        [RangeError, () => defer(() => {}, { timeout: -1 })],
        [TypeError, () => defer(() => {}, { key: null })],
      ];
      await withOperation((operation) => {
        for (const [type, call] of bad) {
          const error = thrown(call);
          assert.ok(error instanceof type, String(error));
          assert.equal(error.code, 'ERR_DEFERQUEUE_INVALID_ARGUMENT');
        }
        assert.equal(operation.pending, 0);
      });
      const error = await rejection(withOperation({ concurrency: 0 }, () => {}));
      assert.ok(error instanceof RangeError);
    },
  },
  {
    title: 'G4 data that cannot be cloned is a DataCloneError at the call, and nothing is queued',
    run() {
      return withOperation((operation) => {
        for (const data of [() => {}, Symbol('s'), { nested: [() => {}] }, new WeakMap(), { p: turn() }]) {
          const error = thrown(() => defer(() => {}, { data }));
          assert.ok(error instanceof DOMException, String(error));
          assert.equal(error.name, 'DataCloneError');
        }
        assert.equal(operation.pending, 0);
      });
    },
  },
  {
    title: 'G20, G21 all works run, and every failure is in the DeferredWorkError, with value and report',
    async run() {
      const log = [];
      const reasons = [new Error('one'), new Error('two'), undefined];
      const error = await rejection(
        withOperation('signup', () => {
          defer(fail(reasons[0]), { name: 'mail' });
          defer(() => log.push('between'));
          defer(() => turn().then(fail(reasons[1])));
          defer(() => Promise.reject(reasons[2]));
          defer(() => log.push('last'));
          return { userId: 42 };
        }),
      );
      assert.deepEqual(log, ['between', 'last']);
      assert.ok(error instanceof DeferredWorkError);
      assert.ok(error instanceof AggregateError && error instanceof DeferqueueError);
      assert.equal(error.code, 'ERR_DEFERQUEUE_DEFERRED_WORK');
      assert.equal(error.name, 'DeferredWorkError');
      assert.match(
        error.message,
        /^3 work items failed in operation "signup" \(#\d+\):\n {2}"mail": Error: one/,
      );
      assert.equal(error.errors.length, 3);
      for (const [index, reason] of reasons.entries()) assert.equal(error.errors[index], reason);
      assert.deepEqual(error.value, { userId: 42 });
      assert.deepEqual(counted(error.report), { ran: 2, failed: 3 });
    },
  },
  {
    title: 'G20 all works run at any concurrency, whichever fail',
    async run() {
      for (const concurrency of [2, Infinity]) {
        const ran = [];
        const { report } = await settleOperation({ concurrency }, () => {
          for (let index = 0; index < 10; index++) {
            defer(async () => {
              ran.push(index);
              if (index % 3 === 0) await turn();
              if (index % 2 === 0) throw new Error(`${index}`);
            });
          }
        });
        assert.deepEqual(ran, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert.deepEqual(counted(report), { ran: 5, failed: 5 });
      }
    },
  },
  {
    title: "G21 the function's own reason comes through by identity, and onWorkError hears the works'",
    async run() {
      const reason = new Error('card refused');
      const workReason = new Error('mail');
      const heard = [];
      const operation = withOperation({ onWorkError: (error, work) => heard.push(error, work) }, async () => {
        defer(fail(workReason), { name: 'mail' });
        await turn();
        throw reason;
      });
      assert.equal(await rejection(operation), reason);
      assert.equal(heard[0], workReason);
      assert.deepEqual([heard[1].name, heard[1].state, heard.length], ['mail', 'failed', 2]);
    },
  },
  {
    title: 'G21 with workErrors: report the operation fulfils, and settleOperation never rejects',
    async run() {
      const heard = [];
      const options = { workErrors: 'report', onWorkError: (error) => heard.push(error) };
      assert.equal(await withOperation(options, () => (defer(fail('work')), 'value')), 'value');
      assert.deepEqual(heard, ['work']);
      const { outcome, report } = await settleOperation('settled', () => {
        defer(fail('work'));
        throw 'function';
      });
      assert.deepEqual({ ...outcome }, { status: 'rejected', reason: 'function' });
      assert.deepEqual([report.outcome, counted(report)], ['failure', { failed: 1 }]);
    },
  },
  {
    title: 'G21 failures that nobody else would hear are one process warning, with all of them as its cause',
    unsupported: warned,
    async run() {
      const warnings = await warningsOf(async () => {
        await rejection(
          withOperation('order', () => {
            defer(fail(new Error('one')));
            defer(fail(new Error('two')));
            throw new Error('function');
          }),
        );
        await withOperation({ workErrors: 'report' }, () => void defer(fail(new Error('three'))));
      });
      assert.deepEqual(
        warnings.map(({ cause }) => cause.errors.map(({ message }) => message)),
        [['one', 'two'], ['three']],
      );
      assert.ok(warnings.every(({ cause }) => cause instanceof DeferredWorkError));
    },
  },
  {
    title: 'G21 an onWorkError that throws or rejects is a process warning',
    unsupported: warned,
    async run() {
      const reasons = [new Error('thrown'), new Error('rejected')];
      const warnings = await warningsOf(async () => {
        for (const onWorkError of [fail(reasons[0]), () => Promise.reject(reasons[1])]) {
          await withOperation({ onWorkError, workErrors: 'report' }, () => void defer(fail('work')));
        }
      });
      assert.deepEqual(
        warnings.map(({ code }) => code),
        Array(2).fill('DEFERQUEUE_LISTENER_FAILED'),
      );
      for (const [index, { cause }] of warnings.entries()) assert.equal(cause, reasons[index]);
    },
  },
  {
    title: 'G21 where process cannot warn, what nobody else would hear goes to console.warn',
    async run() {
      const emitWarning = process.emitWarning?.bind(process);
      const { warn } = console;
      const heard = [];
      process.emitWarning = undefined;
      console.warn = (warning) => heard.push(warning);
      try {
        const reason = new Error('function');
        const operation = withOperation(() => {
          defer(fail(new Error('work')));
          throw reason;
        });
        assert.equal(await rejection(operation), reason);
        await rest();
      } finally {
        process.emitWarning = emitWarning;
        console.warn = warn;
      }
      assert.deepEqual(
        heard.map(({ name, cause }) => [name, cause.errors[0].message]),
        [['DeferqueueWarning', 'work']],
      );
    },
  },
  {
    title: 'G26 every class of error is exported, with its name and a code of its own',
    run() {
      const classes = Object.entries(deferqueue).filter(([name]) => name.endsWith('Error'));
      const codes = new Set();
      for (const [name, type] of classes) {
        assert.equal(type.name, name);
        if (type !== DeferqueueError) codes.add(type.code);
      }
      assert.deepEqual([classes.length, codes.size], [13, 12]);
      for (const code of codes) assert.match(code, /^ERR_DEFERQUEUE_/);
    },
  },
];
