import { createRuntime, defer, flush, settleOperation, withOperation } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { turn } from '../support/gate.js';
import { Telemetry } from './telemetry.js';

const nothing = (): void => {};

describe('metrics', () => {
  test('count the works of operations by the state in which they ended', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await settleOperation('checkout', () => {
      defer(nothing);
      defer(nothing);
      defer(() => Promise.reject(new Error('no')));
      defer(nothing, { on: 'failure' });
      defer(nothing).cancel();
      defer(nothing, { key: 1 });
      defer(nothing, { key: 1, coalesce: 'first' });
    });
    await withOperation(() => void defer(nothing));
    const points = await telemetry.points('deferqueue.works');
    const counts = points.map(({ attributes, value }) => [
      attributes['deferqueue.operation.name'],
      attributes['deferqueue.work.state'],
      value,
    ]);
    expect(new Set(counts)).toEqual(
      new Set([
        ['checkout', 'ran', 3],
        ['checkout', 'failed', 1],
        ['checkout', 'skipped', 1],
        ['checkout', 'cancelled', 1],
        ['checkout', 'replaced', 1],
        [undefined, 'ran', 1],
      ]),
    );
  });

  test('tell how many works wait, of all operations: not those that run or have ended', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const length = async (): Promise<unknown> => {
      const [point, ...others] = await telemetry.points('deferqueue.queue.length');
      expect(others).toEqual([]);
      return point?.value;
    };
    expect(await length()).toBe(0);
    const seen: unknown[] = [];
    const other = createRuntime();
    await withOperation('checkout', async () => {
      defer(nothing);
      await flush();
      defer(async () => void seen.push(await length()));
      defer(nothing).cancel();
      defer(nothing, { on: 'failure' });
      defer(nothing, { key: 1 });
      defer(nothing, { key: 1 });
      await other.withOperation('import', async () => {
        other.defer(nothing);
        seen.push(await length());
      });
      seen.push(await length());
    });
    expect(seen).toEqual([4, 3, 2]);
    expect(await length()).toBe(0);
  });

  test('tell how long a drain took, as its span does', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('checkout', () => void defer(turn));
    const [duration, ...noMore] = await telemetry.points('deferqueue.drain.duration');
    expect(noMore).toEqual([]);
    expect(duration).toMatchObject({
      attributes: { 'deferqueue.operation.name': 'checkout' },
      value: { count: 1 },
    });
    const [seconds, nanoseconds] = telemetry.span('drain checkout').duration;
    expect(seconds + nanoseconds / 1e9).toBeGreaterThan(0);
    expect((duration!.value as { sum: number }).sum).toBeCloseTo(seconds + nanoseconds / 1e9, 5);
  });

  test('tell a drain that waits from one that keeps the event loop busy', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    // A machine that stands still counts as busy: until the event loop has had nothing to do for half of the time.
    const waits = async (): Promise<void> => {
      const begin = performance.eventLoopUtilization();
      do await new Promise((resolve) => setTimeout(resolve, 20));
      while (performance.eventLoopUtilization(begin).utilization > 0.5);
    };
    await withOperation('waits', () => void defer(waits));
    await withOperation('computes', () => {
      defer(() => {
        const from = performance.now();
        while (performance.now() - from < 20);
      });
    });
    const points = await telemetry.points('deferqueue.drain.event_loop_utilization');
    const shares = Object.fromEntries(
      points.map(({ attributes, value }) => [
        attributes['deferqueue.operation.name'],
        (value as { sum: number }).sum,
      ]),
    );
    expect(shares['waits']).toBeGreaterThanOrEqual(0);
    expect(shares['computes']).toBeGreaterThan(shares['waits']);
    expect(shares['computes']).toBeLessThanOrEqual(1);
  });

  test('tell nothing of drains in which nothing ran', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await withOperation('empty', nothing);
    await withOperation('skips', () => void defer(nothing, { on: 'failure' }));
    expect(await telemetry.points('deferqueue.drain.duration')).toEqual([]);
    expect(await telemetry.points('deferqueue.drain.event_loop_utilization')).toEqual([]);
  });
});
