import { defer, flush, settleOperation, use, withOperation, withTask } from 'deferqueue';
import PQueue from 'p-queue';
import { describe, expect, test } from 'vitest';
import { gate, turn } from '../support/gate.js';
import { catchWarnings } from '../support/warnings.js';

catchWarnings();
const disposable = (log: string[], name: string): Disposable => ({
  [Symbol.dispose]: () => void log.push(name),
});

describe.each([
  ['one at a time', () => 1],
  ['two at once', () => 2],
  ['a queue', () => new PQueue({ concurrency: 1 })],
])('G23 drainSignal, %s', (_what, concurrency) => {
  test('ends the drain when it aborts: running items time out, queued ones are abandoned', async () => {
    const stop = new AbortController();
    const reason = { why: 'deploy' };
    const log: unknown[] = [];
    const started = gate();
    const operation = withOperation(
      { name: 'import', concurrency: concurrency(), drainSignal: stop.signal },
      () => {
        use(disposable(log as string[], 'disposed'));
        const stuck = (work: { signal: AbortSignal }): Promise<void> => {
          work.signal.addEventListener('abort', () => log.push(work.signal.reason));
          started.open();
          return new Promise(() => {});
        };
        for (const name of ['a', 'b', 'c']) {
          defer(stuck, { name, discard: (why) => void log.push(`${name} ${why}`) });
        }
        return 'value';
      },
    );
    const rejected = operation.catch((error: unknown) => error);
    await started.passed;
    await turn();
    stop.abort(reason);
    const error = (await rejected) as Error & {
      stuck: unknown[];
      report: { counts: Record<string, number> };
    };
    const running = error.stuck.length;
    expect(error).toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_ABORTED', cause: reason, value: 'value' });
    expect(error.report.counts).toMatchObject({ 'timed-out': running, abandoned: 3 - running });
    expect(log.slice(0, running)).toEqual(Array.from({ length: running }, () => reason));
    expect(log).toContain('c abandoned');
    expect(log.at(-1)).toBe('disposed');
  });

  test('aborted by the boundary, it abandons everything without one start', async () => {
    const log: string[] = [];
    const settled = await settleOperation(
      { concurrency: concurrency(), drainSignal: AbortSignal.abort('gone') },
      async () => {
        defer(() => log.push('flushed'));
        expect(await flush()).toBe(1);
        await withTask(() => void defer(() => log.push('of the task'), { until: 'task' }));
        await withTask(() => void defer(() => log.push('never'), { discard: (why) => void log.push(why) }));
        defer(() => log.push('never'), { discard: (why) => void log.push(why) });
      },
    );
    expect(log).toEqual(['flushed', 'of the task', 'abandoned', 'abandoned']);
    expect(settled.report.counts).toMatchObject({ ran: 2, abandoned: 2 });
  });

  test('with nothing queued the end is a normal one, until a disposer defers', async () => {
    const log: string[] = [];
    const drainSignal = AbortSignal.abort(undefined);
    expect(
      await withOperation({ concurrency: concurrency(), drainSignal }, () => {
        use(disposable(log, 'disposed'));
        return 'value';
      }),
    ).toBe('value');
    const late = withOperation({ concurrency: concurrency(), drainSignal }, () => {
      use({
        [Symbol.dispose]: () => void defer(() => log.push('never'), { discard: (why) => void log.push(why) }),
      });
    });
    await expect(late).rejects.toMatchObject({ code: 'ERR_DEFERQUEUE_DRAIN_ABORTED' });
    expect(log).toEqual(['disposed', 'abandoned']);
  });

  test('it yields to the reason of the function, and goes to onWorkError and to the report', async () => {
    const stop = new AbortController();
    const heard: unknown[] = [];
    const own = new Error('own');
    const options = {
      concurrency: concurrency(),
      drainSignal: stop.signal,
      onWorkError: (error: unknown): unknown => heard.push(error),
    };
    const started = gate();
    const failing = withOperation(options, () => {
      defer(() => {
        started.open();
        return new Promise(() => {});
      });
      throw own;
    });
    await started.passed;
    stop.abort('late');
    await expect(failing).rejects.toBe(own);
    expect(heard).toEqual(['late']);
  });
});
