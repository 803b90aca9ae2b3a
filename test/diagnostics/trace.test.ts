import { inspect } from 'node:util';
import { createRuntime, defer, openOperation, settleOperation, withOperation } from 'deferqueue';
import type { DeferredWorkError, DrainTimeoutError } from 'deferqueue';
import { describe, expect, test, vi } from 'vitest';

const fail = (): never => {
  throw new Error('SMTP is down');
};

const placeOrder = (): void => void defer(fail, { name: 'mail' });

const errorOf = async (trace: boolean): Promise<DeferredWorkError> =>
  (await withOperation({ name: 'checkout', trace }, () => {
    placeOrder();
    return { large: 'value' };
  }).catch((error: unknown) => error)) as DeferredWorkError;

describe('trace', () => {
  test('tells in the error and in the report where a failed work was deferred, and nothing of the library', async () => {
    const error = await errorOf(true);
    expect(error.message).toMatch(
      /\(#\d+\):\n {2}"mail": Error: SMTP is down\n {4}deferred at placeOrder \(.*trace\.test\.ts:\d+:\d+\)$/,
    );
    const { report } = await settleOperation({ report: 'full', trace: true }, placeOrder);
    expect(report.works?.[0]?.trace).toMatch(/^ {4}at placeOrder \(.*trace\.test\.ts/);
  });

  test('is kept for works without options, and for those of operation.defer', async () => {
    const own = (): void => void defer(() => undefined);
    const { report } = await settleOperation({ report: 'full', trace: true }, function body(operation) {
      own();
      operation.defer(() => undefined);
    });
    expect(report.works?.map(({ trace }) => /at (\w+)/.exec(trace ?? '')?.[1])).toEqual(['own', 'body']);
    const opened = openOperation({ report: 'full', trace: true });
    const byHand = (): void => void opened.defer(() => undefined);
    byHand();
    const { works } = await opened.close();
    expect(works?.[0]?.trace).toMatch(/^ {4}at byHand/);
  });

  test('tells where the works were deferred that were stuck or abandoned when the drain was cut short', async () => {
    vi.useFakeTimers();
    try {
      const settled = withOperation({ trace: true, drainTimeout: 100 }, function body() {
        defer(() => new Promise(() => undefined), { name: 'stuck' });
        defer(() => undefined, { name: 'queued' });
      }).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(300);
      const { message, stuck } = (await settled) as DrainTimeoutError;
      expect(message).toMatch(
        /still running:\n {2}"stuck" \(for 100 ms\)\n {4}deferred at body \(.*trace\.test\.ts/,
      );
      expect(stuck[0]?.trace).toMatch(/^ {4}at body \(/);
    } finally {
      vi.useRealTimers();
    }
  });

  test('of works that a shutdown cuts off is in its report', async () => {
    const { openOperation: openOwn, shutdown } = createRuntime({ defaults: { trace: true } });
    const operation = openOwn();
    const byHand = (): void => void operation.defer(() => undefined, { name: 'queued' });
    byHand();
    const { stuck } = await shutdown({ grace: 1 });
    expect(stuck[0]?.abandoned[0]?.trace).toMatch(/^ {4}at byHand \(/);
    await operation.close().catch(() => undefined);
  });

  test('says nothing where the platform keeps no stacks', async () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      const error = await errorOf(true);
      expect(error.message).toMatch(/"mail": Error: SMTP is down$/);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });

  test('is not kept unless asked for', async () => {
    const error = await errorOf(false);
    expect(error.message).toMatch(
      /^1 work item failed in operation "checkout" \(#\d+\): "mail": Error: SMTP is down$/,
    );
  });

  test('takes true or false', async () => {
    await expect(withOperation({ trace: 'yes' as never }, () => undefined)).rejects.toThrow(
      'Expected `options.trace` to be true or false, got "yes" (string)',
    );
  });
});

describe('the stack of a DeferredWorkError', () => {
  test('is its message, and has no line of the library', async () => {
    const error = await errorOf(false);
    expect(error.stack).not.toContain('/src/core/');
    expect(error.stack).toContain(`DeferredWorkError: ${error.message}`);
  });

  test('prints without the value and the report, which are there to be read', async () => {
    const error = await errorOf(true);
    const printed = inspect(error);
    expect(printed).toContain(error.message);
    expect(printed).toContain('SMTP is down');
    expect(printed).not.toContain('large');
    expect(printed).not.toContain('counts');
    expect(error.value).toEqual({ large: 'value' });
    expect(error.report.counts.failed).toBe(1);
  });
});
