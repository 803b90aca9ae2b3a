import { inspect } from 'node:util';
import { defer, openOperation, settleOperation, withOperation } from 'deferqueue';
import type { DeferredWorkError } from 'deferqueue';
import { describe, expect, test } from 'vitest';

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
      /"mail": Error: SMTP is down, deferred at placeOrder \(.*trace\.test\.ts:\d+:\d+\)$/,
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

  test('is not kept unless asked for', async () => {
    const error = await errorOf(false);
    expect(error.message).toMatch(
      /^1 deferred work failed in operation "checkout" \(#\d+\): "mail": Error: SMTP is down$/,
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
