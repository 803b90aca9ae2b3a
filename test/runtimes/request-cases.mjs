// Cases of a worker that need more than one request. Each gets `ask`, which gives what a request is answered with, or
// the status of its failure. `unsupported` is as in smoke/run-cases.js; a case with `what` passes where the platform fails.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';

/** Asks for the log until it has that line. */
const logged = async (ask, line) => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const log = await ask('log');
    if (log.includes(line)) return log;
    await wait(25);
  }
  return assert.fail(`"${line}" has not been logged: ${await ask('log')}`);
};

export const requestCases = [
  {
    title: 'requests at once have each an operation of their own',
    async run(ask) {
      const names = ['a', 'b', 'c', 'd'];
      const ran = await Promise.all(names.map((name) => ask(`own/${name}`)));
      assert.deepEqual(
        ran,
        names.map((name) => Array(5).fill(name)),
      );
    },
  },
  {
    title: 'an operation that goes on after the response ends if waitUntil has its promise, and only then',
    async run(ask) {
      assert.equal(await ask('detached/alone/20'), 'answered');
      assert.equal(await ask('detached/waitUntil/200'), 'answered');
      const log = await logged(ask, 'detached, waitUntil');
      assert.ok(!log.includes('detached, alone'), 'an operation that nobody waited for has ended');
    },
  },
  {
    title: 'an operation whose request is over without it never ends, and is kept among the live ones',
    async run(ask) {
      assert.equal(await ask('leave/abandoned/20'), 'answered');
      const { ended, stuck } = await ask('left');
      assert.equal(ended, 0);
      assert.deepEqual(
        stuck.map(({ name, state, abandoned }) => [name, state, abandoned[0]?.name]),
        [['abandoned', 'open', 'work']],
      );
    },
  },
  {
    title: 'a work may wait in a PQueue for the work of another request, where its drain has a drainTimeout',
    unsupported: { what: 'a `PQueue` for works of several requests', on: { 'workerd-2024': /500/ } },
    async run(ask) {
      const first = ask('queued/bounded/first/200/2000');
      await logged(ask, 'first started');
      assert.deepEqual([await ask('queued/bounded/second/1/2000'), await first], ['drained', 'drained']);
      const log = await ask('log');
      assert.ok(log.indexOf('first ended') < log.indexOf('second started'), log.join());
    },
  },
  {
    title: 'without one, a request that only waits for another request is ended by the platform',
    what: 'waiting for another request alone',
    async run(ask) {
      const first = ask('queued/unbounded/third/200/Infinity');
      await logged(ask, 'third started');
      assert.deepEqual([await ask('queued/unbounded/fourth/1/Infinity'), await first], [500, 'drained']);
    },
  },
  {
    title: 'shutdown cannot wait for the operation of another request',
    what: '`shutdown` across requests',
    async run(ask) {
      const live = ask('live/200');
      await logged(ask, 'live');
      assert.deepEqual([await ask('shutdown'), await live], [500, 'ended']);
    },
  },
];
