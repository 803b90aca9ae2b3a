// In which context works run, and how defer finds its operation: G1, G2, G13, G14.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter, on, once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  flush,
  openOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import { assert, gate, rest, turn } from './support.js';

const user = new AsyncLocalStorage();
const trace = new AsyncLocalStorage();

/** Calls `fn` with a value of its own in both storages. */
const as = (name, fn) => user.run(name, () => trace.run(`${name}'s`, fn));
const context = () => `${user.getStore()} ${trace.getStore()}`;
const of = (name) => `${name} ${name}'s`;

/** Ways in which code is reached later. Each calls `fn` once, from inside the current operation. */
const ways = {
  'an await': async (fn) => {
    await Promise.resolve();
    fn();
  },
  'many awaits in nested calls': async (fn) => {
    const deep = async (depth) => {
      await Promise.resolve();
      if (depth === 0) fn();
      else await deep(depth - 1);
      await Promise.resolve();
    };
    await deep(20);
  },
  'an awaited setTimeout': async (fn) => {
    await wait(1);
    fn();
  },
  'a setTimeout': (fn) => new Promise((resolve) => setTimeout(() => resolve(fn()), 1)),
  'a setInterval': (fn) =>
    new Promise((resolve) => {
      const timer = setInterval(() => {
        clearInterval(timer);
        resolve(fn());
      }, 1);
    }),
  'a setImmediate': (fn) => new Promise((resolve) => setImmediate(() => resolve(fn()))),
  'a process.nextTick': (fn) => new Promise((resolve) => process.nextTick(() => resolve(fn()))),
  'a queueMicrotask': (fn) => new Promise((resolve) => queueMicrotask(() => resolve(fn()))),
  'a then of a promise that was made and settled elsewhere': (fn) => elsewhere.then(fn),
  'a promise that another context settles': async (fn) => {
    const settled = gate();
    setTimeout(() => as('another', () => settled.open()), 1);
    await settled.passed;
    fn();
  },
  'a rejection that is caught': async (fn) => {
    await Promise.reject(new Error('expected')).catch(() => null);
    fn();
  },
  'Promise.all, race and any': async (fn) => {
    await Promise.all([turn(), turn()]);
    await Promise.race([turn(), turn()]);
    await Promise.any([turn(), turn()]);
    fn();
  },
  'an async generator': async (fn) => {
    const numbers = async function* () {
      await turn();
      yield 1;
      fn();
    };
    for await (const _number of numbers());
  },
  'a for await over a stream': async (fn) => {
    for await (const _chunk of Readable.from(['x']));
    fn();
  },
  'a data handler of a stream': (fn) =>
    new Promise((resolve) => {
      const stream = new PassThrough();
      stream.on('data', () => resolve(fn()));
      stream.end('x');
    }),
  'a pipeline': async (fn) => {
    await pipeline(
      Readable.from(['x']),
      async function* (source) {
        for await (const chunk of source) yield chunk;
      },
      new PassThrough().resume(),
    );
    fn();
  },
  'a web stream': async (fn) => {
    const { readable, writable } = new TransformStream({
      transform: (chunk, controller) => controller.enqueue(chunk),
    });
    const writer = writable.getWriter();
    const written = writer.write('x').then(() => writer.close());
    for await (const _chunk of readable);
    await written;
    fn();
  },
  'the body of a response': async (fn) => {
    await new Response('x').text();
    fn();
  },
  'an emitter': (fn) => {
    const emitter = new EventEmitter();
    emitter.on('event', fn);
    emitter.emit('event');
  },
  'an awaited event': async (fn) => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('event'), 1);
    await once(emitter, 'event');
    fn();
  },
  'a for await over events': async (fn) => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('event'), 1);
    for await (const _event of on(emitter, 'event')) break;
    fn();
  },
  'an EventTarget': (fn) => {
    const target = new EventTarget();
    target.addEventListener('event', () => fn());
    target.dispatchEvent(new Event('event'));
  },
  'an AbortSignal that times out': (fn) =>
    new Promise((resolve) => {
      AbortSignal.timeout(1).addEventListener('abort', () => resolve(fn()));
    }),
  'an AsyncResource': (fn) => {
    const resource = new AsyncResource('smoke');
    return new Promise((resolve) => {
      setTimeout(() => as('another', () => resource.runInAsyncScope(() => resolve(fn()))), 1);
    });
  },
  'a function bound with AsyncResource': (fn) => as('another', AsyncResource.bind(fn)),
  'a snapshot of AsyncLocalStorage': (fn) => {
    const snapshot = AsyncLocalStorage.snapshot();
    return as('another', () => snapshot(fn));
  },
  'a function that is made of a callback': async (fn) => {
    await promisify((done) => setTimeout(() => done(), 1))();
    fn();
  },
  zlib: async (fn) => {
    await promisify(gzip)('x');
    fn();
  },
  'Web Crypto': async (fn) => {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1));
    fn();
  },
  'a thenable that is awaited': async (fn) => {
    // oxlint-disable-next-line unicorn/no-thenable, typescript/await-thenable -- as query builders are
    await { then: (resolve) => resolve() };
    fn();
  },
  'the then of a thenable that is awaited': async (fn) => {
    // oxlint-disable-next-line typescript/await-thenable -- as above
    await {
      // oxlint-disable-next-line unicorn/no-thenable -- as above
      then(resolve) {
        fn();
        resolve();
      },
    };
  },
};

/** How a case fails where `context()` finds nothing. */
const noContext = /undefined undefined/;

/** Settled before any operation is open. */
const elsewhere = Promise.resolve();

/** Where the context is lost on the way, by the title of the way. */
const lost = {
  'an AbortSignal that times out': {
    what: 'the context in listeners of `AbortSignal.timeout`',
    on: { bun: noContext, deno: noContext, workerd: noContext, 'workerd-2024': noContext },
  },
};

const ambient = Object.entries(ways).map(([way, reach]) => ({
  title: `G1, G13 after ${way}, defer finds its operation and task, and the work the context of the call`,
  unsupported: lost[way],
  async run() {
    const seen = [];
    let current;
    const look = () => [currentOperation() === current[0], currentTask() === current[1], context()];
    await as('outer', () =>
      withOperation('ambient', (operation) =>
        withTask('task', (task) => {
          current = [operation, task];
          return as('caller', () =>
            reach(() => {
              seen.push(look());
              // Where it is lost, this throws, and in a timer nobody would catch it.
              if (currentOperation() !== undefined) defer(() => seen.push(look()));
            }),
          );
        }),
      ),
    );
    assert.deepEqual(seen, [
      [true, true, of('caller')],
      [true, true, of('caller')],
    ]);
    assert.equal(currentOperation(), undefined);
    assert.equal(context(), 'undefined undefined');
  },
}));

/** Works of several contexts, each looked at before and after it waits. */
const works = (seen) => {
  for (const name of ['ada', 'grace', 'mary']) {
    as(name, () =>
      defer(async () => {
        const found = [context()];
        await turn();
        found.push(context());
        await wait(1);
        found.push(context());
        seen.push(...found.map((value) => value === of(name)));
      }),
    );
  }
};

const atAnyConcurrency = [1, 2, Infinity].map((concurrency) => ({
  title: `G13 with concurrency ${concurrency} each work keeps its context, also while others run`,
  async run() {
    const seen = [];
    await as('opener', () => withOperation({ concurrency }, () => works(seen)));
    assert.deepEqual(seen, Array(9).fill(true));
  },
}));

export const contexts = [
  ...ambient,
  ...atAnyConcurrency,
  {
    title: 'G2 task: other gives a work to another task, and it runs in the context of that task',
    async run() {
      const seen = [];
      await withOperation(async () => {
        let other;
        await as('opener', () => withTask('other', (self) => void (other = self)));
        await as('caller', () =>
          withTask('task', () => {
            defer(() => seen.push(context(), currentTask()?.name), { task: other });
          }),
        );
      });
      assert.deepEqual(seen, [of('opener'), 'other']);
    },
  },
  {
    title: 'G13 flushed works, discards, disposers and promoted works run in their registration context',
    async run() {
      const seen = [];
      const note = (what) => () => seen.push(`${what}: ${context()}`);
      await withOperation(() =>
        withOperation(async () => {
          as('d', () => use({ [Symbol.asyncDispose]: note('disposed') }));
          as('b', () => defer(() => {}, { on: 'failure', discard: note('discarded') }));
          as('c', () => defer(note('promoted'), { until: 'root' }));
          as('a', () => defer(note('flushed')));
          assert.equal(await as('flusher', () => flush()), 1);
        }),
      );
      assert.deepEqual(seen, [
        `flushed: ${of('a')}`,
        `discarded: ${of('b')}`,
        `disposed: ${of('d')}`,
        `promoted: ${of('c')}`,
      ]);
    },
  },
  {
    title: 'G13 whoever makes room or settles what a work waits for, contexts do not mix',
    async run() {
      const seen = [];
      const gates = [gate(), gate()];
      const operation = as('opener', () =>
        withOperation({ concurrency: 1 }, () => {
          for (const [index, { passed }] of gates.entries()) {
            as(`w${index}`, () =>
              defer(async () => {
                await passed;
                seen.push(context());
              }),
            );
          }
        }).then(() => seen.push(context())),
      );
      await rest();
      as('another', () => gates[0].open());
      await rest();
      as('another', () => gates[1].open());
      await operation;
      assert.deepEqual(seen, [of('w0'), of('w1'), of('opener')]);
    },
  },
  {
    title: 'G13 a work that runs others in a storage leaves no mark on the next one',
    async run() {
      const seen = [];
      await as('caller', () =>
        withOperation(() => {
          defer(() => as('inside', async () => turn()));
          defer(() => seen.push(context()));
        }),
      );
      assert.deepEqual(seen, [of('caller')]);
    },
  },
  {
    title: 'G13 a storage that was changed with enterWith reads as it did at the call',
    unsupported: {
      what: '`AsyncLocalStorage.enterWith`',
      on: { workerd: /enterWith\(\) is not implemented/, 'workerd-2024': /enterWith\(\) is not implemented/ },
    },
    async run() {
      const seen = [];
      const storage = new AsyncLocalStorage();
      await withOperation(async () => {
        storage.enterWith('first');
        defer(() => seen.push(storage.getStore()));
        storage.enterWith('second');
        defer(() => seen.push(storage.getStore()));
        await turn();
      });
      assert.deepEqual(seen, ['first', 'second']);
    },
  },
  {
    title: 'G14 operation.run and operation.bind bring the operation to callbacks that were made elsewhere',
    async run() {
      const seen = [];
      const emitter = new EventEmitter();
      const operation = openOperation('opened');
      emitter.on(
        'event',
        operation.bind((value) => {
          defer(() => seen.push(value));
          seen.push(currentOperation()?.id === operation.id);
        }),
      );
      assert.equal(currentOperation(), undefined);
      emitter.emit('event', 'bound');
      assert.equal(
        operation.run(() => currentOperation()?.name),
        'opened',
      );
      await operation.close();
      assert.deepEqual(seen, [true, 'bound']);
    },
  },
  {
    title: 'G13 a hundred operations at once, interleaved, never see one another',
    async run() {
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          as(`u${index}`, () =>
            withOperation(`o${index}`, async () => {
              const seen = [];
              for (let step = 0; step < 5; step++) {
                await (step % 2 ? turn() : wait(index % 3));
                defer(() => seen.push(`${currentOperation()?.name} ${context()}`));
              }
              return seen;
            }),
          ),
        ),
      );
      for (const [index, seen] of results.entries()) {
        assert.deepEqual(seen, Array(5).fill(`o${index} ${of(`u${index}`)}`));
      }
    },
  },
  {
    title: 'G26 a runtime of its own, and one with a carrier of its own, do not see the default one',
    async run() {
      const storage = new AsyncLocalStorage();
      let runs = 0;
      const carrier = {
        get: () => storage.getStore(),
        run: (value, fn, first, second) => {
          runs++;
          return storage.run(value, fn, first, second);
        },
      };
      for (const own of [createRuntime(), createRuntime({ carrier })]) {
        const ran = [];
        await withOperation('default', () =>
          own.withOperation('own', async () => {
            await turn();
            assert.equal(currentOperation()?.name, 'default');
            assert.equal(own.currentOperation()?.name, 'own');
            own.defer(() => ran.push('own'));
            defer(() => ran.push('default'));
          }),
        );
        assert.deepEqual(ran, ['own', 'default']);
      }
      assert.ok(runs > 0);
    },
  },
];
