// Vitest's timers with everything faked that it can fake do not stop a drain.
import { drain } from '../support/drains.mjs';

const toFake = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
  'queueMicrotask',
];

afterEach(() => vi.useRealTimers());

test.each([1, 2, 4, Infinity])('a drain ends with faked timers, concurrency %d', async (concurrency) => {
  vi.useFakeTimers({ toFake });
  expect(await drain(concurrency)).toBe(40);
});
