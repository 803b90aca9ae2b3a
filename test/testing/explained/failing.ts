import { defer, withOperation } from 'deferqueue';
import { explainFailures } from 'deferqueue/testing';
import { beforeEach, expect, test } from 'vitest';

beforeEach(explainFailures);

const placeOrder = (): void => {
  defer(() => Promise.reject(new Error('SMTP is down')), { name: 'receipt' });
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever is thrown
  defer(() => Promise.reject('no index'));
};

test('works fail', async () => {
  expect(await withOperation({ name: 'checkout', trace: true }, placeOrder)).toBeUndefined();
});
