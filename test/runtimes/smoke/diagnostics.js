// What is published on the channels of the platform, and what goes around functions.
import { createRuntime, defer, settleOperation, withOperation, withTask } from 'deferqueue';
import { assert } from './support.js';

const NAMES = [
  'operation:open',
  'operation:boundary',
  'operation:close',
  'task:open',
  'task:close',
  'work:register',
  'work:start',
  'work:end',
];

/** Runs `fn` with a subscriber to each channel; those of a platform without channels are never called. */
const listening = async (listener, fn) => {
  const channels = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel');
  const subscribers = NAMES.map((name) => [`deferqueue:${name}`, (message) => listener(name, message)]);
  for (const [name, subscriber] of subscribers) channels?.subscribe(name, subscriber);
  try {
    await fn();
  } finally {
    for (const [name, subscriber] of subscribers) channels?.unsubscribe(name, subscriber);
  }
  return channels !== undefined;
};

export const diagnostics = [
  {
    title: 'channels tell the life of an operation, a task and a work, where the platform has channels',
    async run() {
      const told = [];
      const note = (name, { operation, task, work }) =>
        told.push(`${name} ${(operation ?? task ?? work).name}`);
      const program = () =>
        withOperation('import', () =>
          withTask('files', () => void defer(() => told.push('run'), { name: 'index' })),
        );
      const hasChannels = await listening(note, program);
      const all = [
        'operation:open import',
        'task:open files',
        'work:register index',
        'task:close files',
        'operation:boundary import',
        'work:start index',
        'run',
        'work:end index',
        'operation:close import',
      ];
      assert.deepEqual(told, hasChannels ? all : ['run']);
      await program();
      assert.equal(told.length, (hasChannels ? all.length : 1) + 1);
    },
  },
  {
    title: 'interceptors go around the functions of operations and works, and can be taken away',
    async run() {
      const runtime = createRuntime();
      const told = [];
      const stop = runtime.intercept({
        operation: (operation, run) => (told.push(operation.name), run()),
        work: (work, run) => (told.push(work.name), run()),
      });
      const program = () =>
        runtime.withOperation('import', () => void runtime.defer(() => told.push('run'), { name: 'index' }));
      await program();
      assert.deepEqual(told, ['import', 'index', 'run']);
      stop();
      await program();
      assert.deepEqual(told.slice(3), ['run']);
    },
  },
  {
    title: 'trace: true keeps where a work was deferred',
    async run() {
      const { report } = await settleOperation({ trace: true, report: 'full' }, function place() {
        defer(() => {});
      });
      assert.match(report.works[0].trace, /place/);
    },
  },
];
