// sinon's timers with all defaults, in plain Node.js.
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';
import sinon from 'sinon';
import { drain } from '../support/drains.mjs';

afterEach(() => sinon.restore());

for (const concurrency of [1, 2, 4, Infinity]) {
  void test(`a drain ends with faked timers, concurrency ${concurrency}`, async () => {
    sinon.useFakeTimers();
    assert.equal(await drain(concurrency), 40);
  });
}
