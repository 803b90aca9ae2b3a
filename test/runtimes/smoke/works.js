// What a work is given and what becomes of it: G5, G16, G19, G22, G27.
import { defer, settleOperation, withOperation } from 'deferqueue';
import { assert, counted, gate, rest, turn } from './support.js';

const discarding = (log) => (reason, data) => log.push([reason, data]);

export const works = [
  {
    title: 'G5 data is a structuredClone taken at the call, of everything that the platform can clone',
    async run() {
      const data = {
        date: new Date(0),
        map: new Map([['k', new Set([1n])]]),
        bytes: new Uint8Array([1, 2, 3]),
        buffer: new ArrayBuffer(4),
        error: new RangeError('e'),
        pattern: /x/gi,
        nothing: undefined,
        nan: Number.NaN,
      };
      data.self = data;
      let seen;
      await withOperation(() => {
        defer((work) => void (seen = work.data), { data });
        data.map.set('later', 1);
        data.bytes[0] = 9;
      });
      assert.notEqual(seen, data);
      assert.equal(seen.self, seen);
      assert.equal(seen.date.getTime(), 0);
      assert.deepEqual([...seen.map.keys()], ['k']);
      assert.ok(seen.map.get('k').has(1n));
      assert.deepEqual([...seen.bytes], [1, 2, 3]);
      assert.equal(seen.buffer.byteLength, 4);
      assert.ok(seen.error instanceof RangeError && seen.error.message === 'e');
      assert.ok(seen.pattern instanceof RegExp && seen.pattern.flags === 'gi');
      assert.ok('nothing' in seen && Number.isNaN(seen.nan));
    },
  },
  {
    title: 'G5 primitives and undefined come as they are',
    async run() {
      const seen = [];
      await withOperation(() => {
        for (const data of [1, 'a', true, null, undefined, 1n])
          defer((work) => seen.push(work.data), { data });
      });
      assert.deepEqual(seen, [1, 'a', true, null, undefined, 1n]);
    },
  },
  {
    title: 'G16, G19 work runs or is discarded by the outcome, never both',
    async run() {
      for (const fails of [false, true]) {
        const ran = [];
        const discarded = [];
        const { report } = await settleOperation('conditions', async () => {
          for (const on of ['success', 'failure', 'always']) {
            defer(({ outcome }) => ran.push(on, outcome.status), {
              on,
              data: on,
              discard: discarding(discarded),
            });
          }
          await turn();
          if (fails) throw new Error('no');
        });
        const [runs, skips, status] = fails
          ? ['failure', 'success', 'rejected']
          : ['success', 'failure', 'fulfilled'];
        assert.deepEqual(ran, [runs, status, 'always', status]);
        assert.deepEqual(discarded, [['skipped', skips]]);
        assert.deepEqual(counted(report), { ran: 2, skipped: 1 });
      }
    },
  },
  {
    title:
      'G19, G22 cancel, and an aborted signal, discard a queued work; one that runs is told by its signal',
    async run() {
      const discarded = [];
      const log = [];
      const controllers = [new AbortController(), new AbortController()];
      const reason = new Error('no more');
      const started = gate();
      let handle;
      const operation = settleOperation({ report: 'full' }, () => {
        handle = defer(() => log.push('cancelled'), {
          name: 'c',
          data: 'c',
          discard: discarding(discarded),
        });
        assert.equal(handle.cancel(), true);
        assert.equal(handle.cancel(), false);
        const { signal } = controllers[0];
        defer(() => log.push('aborted'), { name: 's', data: 's', signal, discard: discarding(discarded) });
        controllers[0].abort(reason);
        defer(
          async (work) => {
            started.open();
            await new Promise((resolve) => work.signal.addEventListener('abort', resolve));
            log.push(work.signal.reason);
          },
          { name: 'r', signal: controllers[1].signal },
        );
      });
      await started.passed;
      controllers[1].abort(reason);
      const { report } = await operation;
      assert.deepEqual(log, [reason]);
      assert.deepEqual(discarded, [
        ['cancelled', 'c'],
        ['cancelled', 's'],
      ]);
      assert.deepEqual(
        report.works.map(({ name, state }) => [name, state]),
        [
          ['c', 'cancelled'],
          ['s', 'cancelled'],
          ['r', 'ran'],
        ],
      );
      assert.equal(report.works[1].reason, reason);
      assert.equal((await handle.settled).state, 'cancelled');
    },
  },
  {
    title: 'G22 the report is frozen plain data that a structuredClone can take, and its counts add up',
    async run() {
      const { report } = await settleOperation({ name: 'ledger', report: 'full' }, () => {
        defer(() => {}, { name: 'ran' });
        defer(() => Promise.reject(new Error('failed')), { name: 'failed' });
        defer(() => {}, { name: 'skipped', on: 'failure' });
        defer(() => {}, { name: 'replaced', key: 'k' });
        defer(() => {}, { name: 'kept', key: 'k' });
      });
      assert.ok(Object.isFrozen(report) && Object.isFrozen(report.counts) && Object.isFrozen(report.works));
      assert.deepEqual(counted(report), { ran: 2, failed: 1, skipped: 1, replaced: 1 });
      assert.equal(
        Object.values(report.counts).reduce((one, other) => one + other),
        report.registered,
      );
      const copy = structuredClone(report);
      assert.deepEqual(
        copy.works.map(({ name, state }) => `${name}: ${state}`),
        ['replaced: replaced', 'ran: ran', 'failed: failed', 'skipped: skipped', 'kept: ran'],
      );
      assert.equal(JSON.parse(JSON.stringify(report)).registered, 5);
    },
  },
  {
    title: 'G22 the handle of a work goes from queued through running to its end',
    async run() {
      const held = gate();
      let handle;
      const operation = withOperation(() => {
        handle = defer(() => held.passed, { name: 'work' });
        assert.deepEqual([handle.name, handle.state], ['work', 'queued']);
      });
      await rest();
      assert.equal(handle.state, 'running');
      assert.equal(handle.cancel(), false);
      held.open();
      await operation;
      assert.equal(handle.state, 'ran');
    },
  },
  {
    title: 'G27 works with one key become one: the first, the last, or what a function makes of both',
    async run() {
      const log = [];
      const discarded = [];
      const touch = (key, data, coalesce) =>
        defer((work) => log.push([key, work.data]), { key, data, coalesce, discard: discarding(discarded) });
      const both = (earlier, later) => [...earlier, ...later];
      await withOperation(() => {
        for (const data of [1, 2, 3]) touch('first', data, 'first');
        for (const data of [1, 2, 3]) touch('last', data);
        for (const data of [[1], [2], [3]]) touch('merged', data, both);
        defer(() => log.push('no key'));
        defer(() => log.push('no key'));
      });
      assert.deepEqual(log, [['first', 1], ['last', 3], ['merged', [1, 2, 3]], 'no key', 'no key']);
      assert.deepEqual(
        discarded.map(([reason]) => reason),
        Array(6).fill('replaced'),
      );
    },
  },
  {
    title: 'G27 two hundred invalidations of one thing, from calls at once, are one work',
    async run() {
      let ran = 0;
      const { report } = await settleOperation('save', async () => {
        const touch = async (index) => {
          if (index % 2) await turn();
          defer(() => ran++, { key: 'cache' });
        };
        await Promise.all(Array.from({ length: 200 }, (_, index) => touch(index)));
      });
      assert.equal(ran, 1);
      assert.deepEqual(counted(report), { ran: 1, replaced: 199 });
    },
  },
];
