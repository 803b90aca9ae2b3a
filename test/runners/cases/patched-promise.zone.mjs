// zone.js replaces the global `Promise` by a class of its own, which no async function returns.
import assert from 'node:assert/strict';
import test from 'node:test';
// oxlint-disable-next-line import/no-unassigned-import -- it replaces globals
import 'zone.js';
import { defer, openOperation, settleOperation, use, withOperation, withTask } from 'deferqueue';

const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 1));

void test('the global Promise is replaced', () => {
  assert.notEqual(Promise, (async () => {})().constructor);
});

for (const concurrency of [1, 2]) {
  void test(`all that may return a promise is waited for, concurrency ${concurrency}`, async () => {
    const log = [];
    const note = (name) => later().then(() => log.push(name));
    const { report } = await settleOperation({ concurrency }, () => {
      use({ [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: () => note('disposer') });
      defer(() => note('work'), { discard: () => note('never') });
      return withTask(() => {
        defer(() => note('work of the task'), { until: 'task' });
        return note('function');
      });
    });
    assert.deepEqual(log, ['function', 'work of the task', 'work', 'disposer']);
    assert.equal(report.counts.ran, 2);
  });
}

void test('close waits for a run that returns one', async () => {
  const operation = openOperation();
  const returned = operation.run(() => later().then(() => operation.defer(() => {})));
  assert.equal(returned.constructor, Promise);
  assert.equal((await operation.close()).registered, 1);
});

void test('an onWorkError that rejects one becomes a process warning', async () => {
  const warned = new Promise((resolve) => process.once('warning', resolve));
  const onWorkError = () => Promise.reject(new Error('log down'));
  await withOperation({ workErrors: 'report', onWorkError }, () => {
    defer(() => {
      throw new Error('no');
    });
  });
  assert.equal((await warned).code, 'DEFERQUEUE_LISTENER_FAILED');
});
