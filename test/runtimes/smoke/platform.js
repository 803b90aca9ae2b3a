// What the package needs of the platform around it, and how it gets along with it: G25, G26, and syntax.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import * as deferqueue from 'deferqueue';
import * as copy from 'deferqueue-copy';
import { currentOperation, defer, openOperation, settleOperation, use, withOperation } from 'deferqueue';
import { topLevel } from './top-level.js';
import { assert, gate, never, rejection, rest, thrown, turn } from './support.js';

/** Collects what nobody refers to; `undefined` where the runtime has no way to ask for it. */
const collect = globalThis.Bun === undefined ? globalThis.gc : () => globalThis.Bun.gc(true);

/** What the function throws, or nothing. */
const keepsClass = (data) => {
  try {
    return Object.getPrototypeOf(structuredClone(data)) === Object.getPrototypeOf(data);
  } catch {
    return false;
  }
};

const outcomeOf = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
};

export const platform = [
  {
    title: 'G26 two copies of the package share the current operation, and know the errors of one another',
    async run() {
      const log = [];
      assert.notEqual(copy.NoOperationError, deferqueue.NoOperationError);
      const error = thrown(() => copy.defer(() => {}));
      assert.ok(error instanceof deferqueue.NoOperationError && error instanceof copy.NoOperationError);
      assert.ok(!(error instanceof copy.QueueFullError));
      await withOperation('shared', async (operation) => {
        await turn();
        assert.equal(copy.currentOperation(), operation);
        copy.defer(() => log.push('copy'));
        defer(() => log.push('package'));
      });
      assert.deepEqual(log, ['copy', 'package']);
    },
  },
  {
    title: 'the package can be required, and is the same as the imported one',
    unsupported: {
      what: '`require` of the package',
      on: { workerd: /Module not found: deferqueue/, 'workerd-2024': /Received 'undefined'/ },
    },
    async run() {
      const required = createRequire(import.meta.url)('deferqueue');
      assert.equal(required.defer, deferqueue.defer);
      assert.equal(required.DeferqueueError, deferqueue.DeferqueueError);
    },
  },
  {
    title: 'an operation can be opened while modules are loaded, and runs to its end there',
    run() {
      assert.equal(topLevel.error, undefined, String(topLevel.error));
      assert.deepEqual(topLevel.log, ['function', 'task', 'work', 'disposed']);
    },
  },
  {
    title: 'the syntax await using closes an operation at the end of its block',
    unsupported: {
      what: 'the syntax `await using`',
      on: {
        'node-20': /SyntaxError: Unexpected identifier/,
        'node-22': /SyntaxError: Unexpected identifier/,
      },
    },
    async run() {
      const { closeWithSyntax } = await import('./using-syntax.js');
      const log = [];
      await closeWithSyntax(openOperation, log);
      assert.deepEqual(log, ['in the block', 'work', 'after the block']);
    },
  },
  {
    title: 'an AsyncDisposableStack can be given to use',
    unsupported: {
      what: '`AsyncDisposableStack`',
      on: { 'node-20': /is not defined/, 'node-22': /is not defined/ },
    },
    async run() {
      const log = [];
      await withOperation(() => {
        const stack = use(new AsyncDisposableStack());
        stack.defer(() => log.push('first'));
        stack.defer(async () => log.push('second'));
        defer(() => log.push('work'));
      });
      assert.deepEqual(log, ['work', 'second', 'first']);
    },
  },
  {
    title: 'G5 what the platform copies is taken as data, and the rest is refused, also what it would strip',
    async run() {
      const stripped = [
        new AbortController().signal,
        new ReadableStream(),
        new URL('https://example.org'),
        new Headers(),
        Object.create({ inherited: 1 }),
      ];
      const uncloned = [new Proxy({}, {}), globalThis.WeakRef && new WeakRef({}), Promise.resolve()];
      await withOperation(async (operation) => {
        for (const data of stripped) {
          // workerd does copy some of them.
          if (keepsClass(data)) continue;
          const error = outcomeOf(() => defer(() => {}, { data }));
          assert.ok(error instanceof TypeError, String(error));
          assert.equal(error.code, 'ERR_DEFERQUEUE_INVALID_ARGUMENT');
        }
        for (const data of uncloned) {
          if (data === undefined) continue;
          const own = outcomeOf(() => structuredClone(data));
          const error = outcomeOf(() => defer(() => {}, { data }));
          assert.deepEqual([error?.name, error?.message], [own?.name, own?.message]);
        }
        assert.equal(operation.pending, 0);
        defer((work) => assert.ok(work.data instanceof Blob), { data: new Blob(['x']) });
      });
    },
  },
  {
    title: 'an error that is given as data keeps its class, its message and its cause',
    async run() {
      let seen;
      const error = new TypeError('outer', { cause: new RangeError('inner') });
      await withOperation(() => void defer((work) => void (seen = work.data), { data: error }));
      assert.notEqual(seen, error);
      assert.ok(seen instanceof TypeError && seen.message === 'outer');
      assert.ok(seen.cause instanceof RangeError, `the cause is ${seen.cause}`);
      assert.equal(seen.cause.message, 'inner');
    },
  },
  {
    title: 'no failure of a work is an unhandled rejection, at any concurrency and after any timeout',
    async run({ unhandled }) {
      const late = gate();
      for (const concurrency of [1, 3, Infinity]) {
        await settleOperation({ concurrency, drainTimeout: 20 }, () => {
          const { settled } = defer(() => Promise.reject(new Error('work')));
          assert.ok(settled instanceof Promise);
          defer(() => late.passed, { timeout: 2 });
          defer(never, { discard: () => Promise.reject(new Error('discard')) }).cancel();
          defer(never, { signal: AbortSignal.timeout(1), timeout: 5 });
          use({ [Symbol.asyncDispose]: () => Promise.reject(new Error('disposer')) });
        });
      }
      late.fail(new Error('too late to be heard'));
      await rest();
      assert.deepEqual(unhandled.splice(0).map(String), []);
    },
  },
  {
    title: 'an unhandled rejection in a work is left to the platform, and told once',
    async run({ unhandled }) {
      const reason = new Error('left alone');
      await withOperation(() => {
        defer(() => {
          void Promise.reject(reason);
        });
      });
      await rest();
      assert.deepEqual(unhandled.splice(0), [reason]);
    },
  },
  {
    title: 'the operation of a rejected withOperation that nobody handles is told by the platform, once',
    async run({ unhandled }) {
      const reason = new Error('nobody handles this');
      void withOperation(async () => {
        await turn();
        throw reason;
      });
      await rest();
      assert.deepEqual(unhandled.splice(0), [reason]);
    },
  },
  {
    title:
      'G25 function, data and context of a work are collected once it has settled, while the drain goes on',
    unsupported: { what: '`WeakRef`', on: { 'workerd-2024': /WeakRef is not defined/ } },
    async run() {
      assert.equal(typeof collect, 'function', 'there is no way to ask for a collection');
      const storage = new AsyncLocalStorage();
      const held = [];
      const handles = [];
      let left = { function: -1, data: -1, context: -1 };
      const heavy = (work) => {
        const [closure, context] = [{ closure: true }, { context: true }];
        const note = (what, object) => held.push([what, new WeakRef(object)]);
        storage.run(context, () => {
          const run = ({ data }) => {
            note('data', data);
            return work(closure);
          };
          handles.push(defer(run, { data: { data: true } }));
        });
        note('function', closure);
        note('context', context);
      };
      await withOperation(async () => {
        for (let index = 0; index < 100; index++) heavy(index % 2 ? turn : (closure) => void closure);
        defer(async () => {
          for (let round = 0; round < 5; round++) {
            await turn();
            await collect();
          }
          for (const what of Object.keys(left)) {
            left[what] = held.filter(([kind, ref]) => kind === what && ref.deref() !== undefined).length;
          }
        });
        defer(() => {});
      });
      assert.ok(handles.every(({ state }) => state === 'ran'));
      // A collector that scans the stack conservatively may keep one or the other.
      assert.ok(
        Object.values(left).every((count) => count >= 0 && count <= 5),
        `of a hundred are left: ${JSON.stringify(left)}`,
      );
    },
  },
  {
    title: 'a thousand operations at once, ten works each, all run in theirs',
    async run() {
      let right = 0;
      const reports = await Promise.all(
        Array.from({ length: 1000 }, (_, index) =>
          settleOperation({ name: `${index}`, concurrency: (index % 3) + 1 }, async (operation) => {
            for (let step = 0; step < 10; step++) {
              if (step === 5) await turn();
              defer(async () => {
                if (step % 2) await Promise.resolve();
                if (currentOperation() === operation) right++;
              });
            }
          }),
        ),
      );
      assert.equal(right, 10_000);
      assert.ok(reports.every(({ report }) => report.counts.ran === 10));
    },
  },
  {
    title: 'ten thousand works of one operation run in order, sync and async',
    async run() {
      const ran = [];
      await withOperation(() => {
        for (let index = 0; index < 10_000; index++) {
          defer(
            index % 100 === 0
              ? async () => {
                  await Promise.resolve();
                  ran.push(index);
                }
              : () => void ran.push(index),
          );
        }
      });
      assert.ok(ran.length === 10_000 && ran.every((value, index) => value === index));
    },
  },
  {
    title: 'the stack of an error in a work leads to the function of the work',
    async run() {
      const failInHere = () => {
        throw new Error('with a stack');
      };
      const error = await rejection(withOperation(() => void defer(failInHere)));
      assert.match(error.errors[0].stack, /failInHere/);
    },
  },
];
