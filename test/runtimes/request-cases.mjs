// Cases of a worker that need more than one request. Each gets `ask`, which gives what a request is answered with, or
// the status of its failure. `unsupported` is as in smoke/run-cases.js; a case with `what` passes where the platform fails.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';

/** Asks until the answer is right. */
const until = async (ask, path, isRight) => {
  for (let attempt = 0; attempt < 800; attempt++) {
    const answer = await ask(path);
    if (isRight(answer)) return answer;
    await wait(25);
  }
  return assert.fail(`not what was waited for, from ${path}: ${await ask(path)}`);
};

/** Asks for the log until it has that line. */
const logged = (ask, line) => until(ask, 'log', (log) => log.includes(line));

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
      assert.equal(await ask('detached/alone/200'), 'answered');
      assert.equal(await ask('detached/waitUntil/800'), 'answered');
      const log = await logged(ask, 'detached, waitUntil');
      assert.ok(!log.includes('detached, alone'), 'an operation that nobody waited for has ended');
    },
  },
  {
    title: 'an operation whose request is over without it never ends, and is kept among the live ones',
    async run(ask) {
      assert.equal(await ask('leave/abandoned/200'), 'answered');
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
      await ask('release/second');
      const first = ask('queued/bounded/first/20000');
      await logged(ask, 'first started');
      const second = ask('queued/bounded/second/20000');
      await Promise.race([second, until(ask, 'waiting/bounded', (works) => works === 1)]);
      await ask('release/first');
      assert.deepEqual([await second, await first], ['drained', 'drained']);
      const log = await ask('log');
      assert.ok(log.indexOf('first ended') < log.indexOf('second started'), log.join());
    },
  },
  {
    title: 'without one, a request that only waits for another request is ended by the platform',
    what: 'waiting for another request alone',
    async run(ask) {
      const first = ask('queued/unbounded/third/Infinity');
      await logged(ask, 'third started');
      assert.equal(await ask('queued/unbounded/fourth/Infinity'), 500);
      await ask('release/third');
      assert.equal(await first, 'drained');
    },
  },
  {
    title: 'shutdown cannot wait for the operation of another request',
    what: '`shutdown` across requests',
    async run(ask) {
      const live = ask('live');
      await logged(ask, 'live');
      const down = ask('shutdown');
      await logged(ask, 'shutting down');
      await ask('release/live');
      assert.deepEqual([await down, await live], [500, 'ended']);
    },
  },
];
