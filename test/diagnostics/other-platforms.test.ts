import { afterEach, expect, test, vi } from 'vitest';
import { traceOf } from '../../src/core/context.js';
import { hasSubscribers, publish } from '../../src/observability/channels.js';

// What only some platforms do, played here: the cases of test/runtimes run there.

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('where `hasSubscribers` is a function, as in workerd, it is asked, as a method', () => {
  let answer = false;
  const channel = {
    hasSubscribers(this: unknown): boolean {
      return this === channel && answer;
    },
  };
  expect(hasSubscribers(channel)).toBe(false);
  answer = true;
  expect(hasSubscribers(channel)).toBe(true);
});

test('where `publish` lets errors of subscribers through, they come out as uncaught, and not here', () => {
  const later: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (callback: () => void) => later.push(callback));
  const channel = {
    hasSubscribers: true,
    publish: (): never => {
      throw new Error('a subscriber');
    },
  };
  publish(channel, {} as never);
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow('a subscriber');
});

test('where the platform has no channels, nobody is heard', async () => {
  const builtin = process.getBuiltinModule.bind(process);
  const without = (name: string): unknown =>
    name === 'node:diagnostics_channel' ? undefined : builtin(name);
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(without as typeof builtin);
  const copy: string = '../../src/observability/channels.js?without';
  const channels = (await import(/* @vite-ignore */ copy)) as Record<string, { hasSubscribers?: unknown }>;
  expect(channels['workEnd']?.hasSubscribers).toBe(false);
});

test('where the caller is not on the stack, as after a call in tail position in Bun, all of it is kept', () => {
  const elsewhere = (): void => {};
  const trace = ((): string => traceOf(elsewhere))();
  expect(trace).toContain('other-platforms.test');
  expect(trace).not.toMatch(/^\w*Error/);
});
