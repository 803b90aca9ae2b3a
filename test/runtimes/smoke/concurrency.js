// Several works at once, and fairness: G10, G11.
import { defer, flush, withOperation, withTask } from 'deferqueue';
import PQueue from 'p-queue';
import { assert, gate, rest, turn } from './support.js';

/** Works that wait for gates, with a log of what has started and what runs. */
const gated = () => {
  const log = [];
  const running = new Map();
  let most = 0;
  return {
    log,
    work: (name) => async () => {
      log.push(name);
      const held = gate();
      running.set(name, held);
      most = Math.max(most, running.size);
      await held.passed;
      running.delete(name);
    },
    get now() {
      return [...running.keys()];
    },
    get most() {
      return most;
    },
    async end(...names) {
      for (const name of names) running.get(name).open();
      await rest();
    },
  };
};

export const concurrency = [
  {
    title: 'G11 one work at a time, unless told otherwise',
    async run() {
      const works = gated();
      const operation = withOperation(() => {
        for (const name of ['a', 'b']) defer(works.work(name));
      });
      await rest();
      assert.deepEqual(works.now, ['a']);
      await works.end('a');
      assert.deepEqual(works.now, ['b']);
      await works.end('b');
      await operation;
    },
  },
  {
    title: 'G11 at most n works run at once, started in order, each as soon as a place is free',
    async run() {
      const works = gated();
      const names = ['1', '2', '3', '4', '5', '6'];
      const operation = withOperation({ concurrency: 3 }, () => {
        for (const name of names) defer(works.work(name));
      });
      await rest();
      assert.deepEqual(works.now, ['1', '2', '3']);
      await works.end('2');
      assert.deepEqual(works.now, ['1', '3', '4']);
      await works.end('4', '1');
      assert.deepEqual(works.now, ['3', '5', '6']);
      await works.end('3', '5', '6');
      await operation;
      assert.deepEqual(works.log, names);
      assert.equal(works.most, 3);
    },
  },
  {
    title: 'G11 without a limit all ready works have started before withOperation returns',
    async run() {
      const works = gated();
      const names = Array.from({ length: 200 }, (_, index) => `${index}`);
      const operation = withOperation({ concurrency: Infinity }, () => {
        for (const name of names) defer(works.work(name));
      });
      assert.deepEqual(works.now, names);
      await works.end(...names);
      await operation;
    },
  },
  {
    title: "G11 a task's works do not overlap, those of others go on, and the own queue comes after",
    async run() {
      const works = gated();
      const operation = withOperation({ concurrency: 4 }, async () => {
        defer(works.work('own'));
        await withTask('a', () => {
          for (const name of ['a1', 'a2']) defer(works.work(name));
        });
        await withTask({ name: 'b', concurrency: 2 }, () => {
          for (const name of ['b1', 'b2', 'b3']) defer(works.work(name));
        });
      });
      await rest();
      assert.deepEqual(works.now, ['a1', 'b1', 'b2']);
      await works.end('b1');
      assert.deepEqual(works.now, ['a1', 'b2', 'b3']);
      await works.end('a1', 'b2', 'b3');
      assert.deepEqual(works.now, ['a2']);
      await works.end('a2');
      assert.deepEqual(works.now, ['own']);
      await works.end('own');
      await operation;
    },
  },
  {
    title: "G11 a PQueue of the user's shares its limit among operations, which take turns",
    async run() {
      const queue = new PQueue({ concurrency: 2 });
      const works = gated();
      const operations = ['a', 'b'].map((name) =>
        withOperation({ concurrency: queue }, () => {
          for (const index of [1, 2, 3, 4, 5]) defer(works.work(`${name}${index}`));
        }),
      );
      await rest();
      while (works.now.length > 0) await works.end(works.now[0]);
      await Promise.all(operations);
      assert.equal(works.most, 2);
      assert.equal(new Set(works.log).size, 10);
      for (const name of ['a', 'b']) {
        const own = works.log.filter((work) => work.startsWith(name));
        assert.deepEqual(
          own,
          [1, 2, 3, 4, 5].map((index) => `${name}${index}`),
        );
      }
      // Two places and one that waits: then it is the turn of the other.
      assert.ok(works.log.indexOf('b1') < works.log.indexOf('a4'), works.log.join());
      assert.equal(queue.pending + queue.size, 0);
    },
  },
  {
    title: 'G11 the rate limit of a PQueue holds for works, and those over it run later',
    async run() {
      const queue = new PQueue({ concurrency: Infinity, interval: 1000, intervalCap: 2 });
      const log = [];
      const operation = withOperation({ concurrency: queue }, () => {
        for (let index = 0; index < 3; index++) defer(() => log.push(index));
      });
      await rest();
      assert.deepEqual(log, [0, 1]);
      assert.equal(queue.isRateLimited, true);
      await operation;
      assert.deepEqual(log, [0, 1, 2]);
    },
  },
  {
    title: 'G11 a hundred works at concurrency 7 that wait for timers run, each once, in start order',
    async run() {
      const started = [];
      let running = 0;
      let most = 0;
      await withOperation({ concurrency: 7 }, () => {
        for (let index = 0; index < 100; index++) {
          defer(async () => {
            started.push(index);
            most = Math.max(most, ++running);
            await new Promise((resolve) => setTimeout(resolve, index % 4));
            running--;
          });
        }
      });
      assert.deepEqual(
        started,
        Array.from({ length: 100 }, (_, index) => index),
      );
      assert.equal(most, 7);
    },
  },
  {
    title: 'G11 flush keeps to the concurrency of the operation',
    async run() {
      const works = gated();
      const operation = withOperation({ concurrency: 2 }, async () => {
        for (const name of ['a', 'b', 'c']) defer(works.work(name));
        assert.equal(await flush(), 3);
      });
      await rest();
      assert.deepEqual(works.now, ['a', 'b']);
      await works.end('a', 'b');
      await works.end('c');
      await operation;
    },
  },
  {
    title: 'G10 works that return no promise run back to back, in the turn of the boundary',
    async run() {
      const log = [];
      await turn();
      const operation = withOperation(() => {
        setImmediate(() => log.push('immediate'));
        queueMicrotask(() => log.push('microtask'));
        defer(() => log.push(1));
        defer(() => log.push(2));
      });
      assert.deepEqual(log, [1, 2]);
      await operation;
      await rest();
      assert.deepEqual(log, [1, 2, 'microtask', 'immediate']);
    },
  },
  {
    title: 'G10 a drain that has held the event loop for long lets it turn between two works',
    async run() {
      const works = 100;
      let ran = 0;
      let turnedAfter = works;
      let sum = 0;
      await turn();
      await withOperation(() => {
        setImmediate(() => {
          turnedAfter = ran;
        });
        for (let index = 0; index < works; index++) {
          // Long, and measured by nothing that a runtime could make stand still.
          defer(() => {
            ran++;
            for (let step = 0; step < 500_000; step++) sum = (sum + step) % 1_000_003;
          });
        }
      });
      assert.equal(ran, works);
      assert.ok(turnedAfter > 0 && turnedAfter < works, `the loop first turned after ${turnedAfter} works`);
      assert.ok(sum >= 0);
    },
  },
];
