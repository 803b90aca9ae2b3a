// With Vitest: npx vitest run --root examples/testing
/* oxlint-disable vitest/no-standalone-expect -- `test.extend` makes the tests here, which the rule does not know */
import { deferFixtures, deferMatchers } from 'deferqueue/testing';
import type { DeferMatchers } from 'deferqueue/testing';
import { expect, test as base } from 'vitest';
import { checkout } from './checkout.js';
import { fakeShop } from './fake-shop.js';

declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-unused-vars
  interface Matchers<T> extends DeferMatchers<T> {}
}

expect.extend(deferMatchers);
const test = base.extend(deferFixtures);
const cart = { customer: 'ann', items: ['book', 'pen', 'book'] };

test('a receipt is deferred, and a page is invalidated once', async ({ captureOperation }) => {
  const captured = await captureOperation(() => checkout(fakeShop(), cart));
  expect(captured.value).toBe(30);
  expect(captured).toHaveDeferred('receipt', { to: 'ann' });
  expect(captured.works.filter(({ name }) => name === 'invalidate').map(({ data }) => data)).toEqual([
    'pen',
    'book',
  ]);
});

test('the receipt goes first', async ({ captureOperation }) => {
  const shop = fakeShop();
  const captured = await captureOperation(() => checkout(shop, cart));
  await captured.runNext();
  expect(shop.calls).toEqual(['mail to ann: Thank you']);
});

test('there is an apology where the charge fails', async ({ captureOperation }) => {
  const shop = fakeShop(() => {
    throw new Error('declined');
  });
  const captured = await captureOperation(() => checkout(shop, { ...cart, items: [] }));
  await captured.run();
  expect(shop.calls).toEqual(['mail to ann: That did not work']);
});

test('pages are invalidated although no receipt can be sent', async ({ captureOperation }) => {
  const shop = fakeShop();
  const captured = await captureOperation(() => checkout(shop, cart));
  captured.fail('receipt', new Error('mail server is down'));
  await expect(captured.run()).rejects.toThrow('mail server is down');
  expect(shop.calls).toEqual(['invalidate pen', 'invalidate book']);
});
