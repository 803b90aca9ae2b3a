// Jest's modern timers with all defaults do not stop a drain.
import { jest } from '@jest/globals';
import { drain } from '../support/drains.mjs';

afterEach(() => jest.useRealTimers());

test.each([1, 2, 4, Infinity])('a drain ends with faked timers, concurrency %d', async (concurrency) => {
  jest.useFakeTimers();
  expect(await drain(concurrency)).toBe(40);
});

test('and where they were faked before the package was loaded', async () => {
  jest.useFakeTimers();
  jest.resetModules();
  const { drain: afresh } = await import('../support/drains.mjs');
  expect(await afresh(4)).toBe(40);
});
