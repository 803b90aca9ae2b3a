// With the test runner of Node.js: npx tsx --test examples/testing/checkout.node.ts
/* oxlint-disable typescript/no-floating-promises -- `test` waits for the tests that it gets */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { withOperation } from 'deferqueue';
import { assertNothingPending, captureOperation, fakeHost } from 'deferqueue/testing';
import { checkout } from './checkout.js';
import { fakeShop } from './fake-shop.js';

const cart = { customer: 'ann', items: ['book', 'pen', 'book'] };

afterEach(() => assertNothingPending());

test('a receipt is deferred, and sent when the test says so', async () => {
  const shop = fakeShop();
  const captured = await captureOperation(() => checkout(shop, cart));
  assert.equal(captured.value, 30);
  assert.ok(captured.hasDeferred('receipt', { to: 'ann' }));
  assert.deepEqual(shop.calls, []);
  await captured.run();
  assert.deepEqual(shop.calls, ['mail to ann: Thank you', 'invalidate pen', 'invalidate book']);
});

test('an apology is deferred for an outcome that the test forces', async () => {
  const captured = await captureOperation(() => checkout(fakeShop(), cart), { outcome: 'failure' });
  const { works = [] } = await captured.run();
  assert.equal(works.find(({ name }) => name === 'receipt')?.state, 'skipped');
  assert.equal(works.find(({ name }) => name === 'apology')?.state, 'ran');
});

test('a handler answers before its operation has ended, and the host waits for it', async () => {
  const shop = fakeShop();
  const host = fakeHost();
  host.waitUntil(withOperation(() => checkout(shop, cart)));
  assert.equal(host.pending, 1);
  await host.end();
  assert.equal(shop.calls.length, 3);
});
