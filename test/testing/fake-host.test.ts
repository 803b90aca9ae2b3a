import { defer, withOperation } from 'deferqueue';
import { expect, test } from 'vitest';
import { assertNothingPending, fakeHost } from '../../src/testing/index.js';
import { gate } from '../support/gate.js';

test('the host waits for what it was promised, and for what is promised meanwhile', async () => {
  const host = fakeHost();
  const done: string[] = [];
  const mail = gate();
  const handler = (waitUntil: (promise: Promise<unknown>) => void): string => {
    waitUntil(
      withOperation(() => {
        defer(async () => {
          await mail.passed;
          waitUntil(Promise.resolve().then(() => done.push('log')));
          done.push('mail');
        });
      }),
    );
    return 'response';
  };
  expect(handler(host.waitUntil)).toBe('response');
  expect(host.pending).toBe(1);
  expect(assertNothingPending).toThrow(/1 operation/);
  const end = host.end();
  expect(host.end()).toBe(end);
  expect(done).toEqual([]);
  mail.open();
  await end;
  expect(done).toEqual(['mail', 'log']);
  expect(host.pending).toBe(0);
  assertNothingPending();
});

test('the host tells all rejections at its end, and none is unhandled before', async () => {
  const host = fakeHost();
  host.waitUntil(Promise.reject(new Error('one')));
  host.waitUntil(Promise.reject(new Error('two')));
  await new Promise((resolve) => setTimeout(resolve, 2));
  await expect(host.end()).rejects.toMatchObject({ errors: [new Error('one'), new Error('two')] });
});

test('promises that come too late, and what is none, are refused', async () => {
  const host = fakeHost();
  expect(() => host.waitUntil(1 as never)).toThrow(TypeError);
  await host.end();
  expect(() => host.waitUntil(Promise.resolve())).toThrow(/after the host had ended/);
});
