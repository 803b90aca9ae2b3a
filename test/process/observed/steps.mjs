// Runs operations of many kinds and prints, as JSON, every step that they take: `node steps.mjs [observed]`. A step is
// what happened and in which microtask. With `observed`, every channel of the library has a subscriber.
import { createHook } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

// Drains bind the clock when they are loaded. On a machine that stands still for 10 ms, one of the two runs would yield (G10).
performance.now = () => 1000;
const { defer, flush, openOperation, settleOperation, use, withOperation, withTask } =
  await import('deferqueue');

const EVENTS = {
  operation: ['open', 'boundary', 'close'],
  task: ['open', 'close'],
  work: ['register', 'start', 'end'],
};

let messages = 0;
if (process.argv[2] === 'observed') {
  for (const [subject, events] of Object.entries(EVENTS)) {
    for (const event of events) subscribe(`deferqueue:${subject}:${event}`, () => messages++);
  }
}

/** Promises that were made, and callbacks of promises that were called. */
const counts = { promises: 0, callbacks: 0 };
const hook = createHook({
  init: (_id, type) => void (type === 'PROMISE' && counts.promises++),
  before: () => void counts.callbacks++,
});

const fail = () => {
  throw new Error('expected');
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

const programs = {
  nothing: () => withOperation(() => 1),
  'sync items': (step) => withOperation(() => [1, 2, 3].forEach((n) => defer(() => step(n)))),
  'async items': (step) =>
    withOperation('named', async () => {
      for (const n of [1, 2]) defer(async () => step(n));
      await turn();
      defer(() => turn().then(() => step('after a turn')));
    }),
  'items that defer items': (step) =>
    withOperation(() => void defer(() => void defer(async () => void defer(() => step('third'))))),
  'options of every kind': (step) =>
    settleOperation({ report: 'full', workErrors: 'report', onWorkError: (e) => step(e.message) }, () => {
      defer(() => step('success'), { on: 'success', data: { a: 1 } });
      defer(() => step('failure'), { on: 'failure', discard: (reason) => step(reason) });
      defer(() => step('earlier'), { key: 'k' });
      defer(() => step('later'), { key: 'k' });
      defer(() => step('cancelled')).cancel();
      defer(fail);
      defer(async () => fail());
    }),
  'tasks, flushes and resources': (step) =>
    withOperation(async () => {
      use({ [Symbol.dispose]: () => step('disposed') });
      await Promise.all(
        ['b', 'a'].map((name) =>
          withTask(name, async () => {
            defer(() => step(`${name} flushed`));
            await flush();
            defer(() => step(`${name} at its end`), { until: 'task' });
            defer(async () => step(`${name} at the boundary`));
          }),
        ),
      );
    }),
  'nested operations': (step) =>
    withOperation(async () => {
      await withOperation(() => void defer(() => step('promoted'), { until: 'root' }));
      await withOperation({ nesting: 'join' }, () => void defer(() => step('joined')));
      await withOperation(() => void defer(() => withOperation(() => void defer(() => step('deep'))))).catch(
        fail,
      );
    }),
  'an open operation': async (step) => {
    const operation = openOperation();
    operation.run(() => void defer(() => step('run')));
    void operation.bind(async () => void defer(async () => step('bound')))();
    return operation.close();
  },
  'several at once': (step) =>
    withOperation({ concurrency: 2 }, () => {
      for (let n = 0; n < 5; n++) defer(() => (n % 2 ? turn().then(() => step(n)) : step(n)));
    }),
  'a function that fails': (step) =>
    withOperation(() => {
      defer(() => step('always'));
      return fail();
    }).catch((error) => step(error.message)),
};

const result = {};
for (const [name, program] of Object.entries(programs)) {
  const steps = [];
  hook.enable();
  Object.assign(counts, { promises: 0, callbacks: 0 });
  const value = await program((what) => steps.push([what, counts.callbacks]));
  hook.disable();
  result[name] = { steps, ...counts, value: JSON.stringify(value) };
}
process.stdout.write(JSON.stringify({ result, messages }));
