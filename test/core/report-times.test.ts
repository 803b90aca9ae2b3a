import { defer, flush, settleOperation } from 'deferqueue';
import type { WorkReport } from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';

describe('G22 times in a full report', () => {
  test('say how long an item waited and how long it took', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      const settled = settleOperation({ report: 'full' }, async () => {
        defer(() => new Promise((resolve) => setTimeout(resolve, 30)), { name: 'ran' });
        defer(() => {}, { name: 'skipped', on: 'failure' });
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
      await vi.advanceTimersByTimeAsync(20);
      await vi.advanceTimersByTimeAsync(30);
      expect((await settled).report.works).toEqual([
        { name: 'ran', state: 'ran', waited: 20, took: 30 },
        { name: 'skipped', state: 'skipped', waited: 50 },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('are those of the operation that reports: promoted items too, and none without a full report', async () => {
    const rows: (WorkReport | undefined)[] = [];
    const { report } = await settleOperation({ report: 'full' }, async () => {
      const inner = await settleOperation({ report: 'full' }, () => void defer(() => {}, { until: 'root' }));
      rows.push(inner.report.works?.[0]);
      await settleOperation(async () => {
        const deferred = defer(() => {});
        await flush();
        rows.push(await deferred.settled);
      });
    });
    const waited = expect.any(Number);
    expect(rows).toEqual([
      { name: undefined, state: 'promoted', waited },
      { name: undefined, state: 'ran' },
    ]);
    expect(report.works).toEqual([{ name: undefined, state: 'ran', waited, took: waited }]);
  });
});
