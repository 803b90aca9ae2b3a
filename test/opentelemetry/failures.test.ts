import { diag, DiagLogLevel, SpanStatusCode } from '@opentelemetry/api';
import { createRuntime, defer, settleOperation, shutdown, withOperation } from 'deferqueue';
import { instrument } from 'deferqueue/opentelemetry';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Telemetry } from './telemetry.js';

const never = new Promise<void>(() => {});

const exceptions = (telemetry: Telemetry, name: string): unknown[] =>
  telemetry.span(name).events.map((event) => [event.name, event.attributes]);

describe('a failure', () => {
  test('of a work is an exception and the status of its span, and of no other', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const error = new RangeError('SMTP is down');
    await settleOperation('checkout', () => {
      defer(() => Promise.reject(error), { name: 'mail' });
      defer(() => undefined, { name: 'index' });
    });
    const { status, attributes } = telemetry.span('work mail');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'SMTP is down' });
    expect(attributes).toMatchObject({ 'error.type': 'RangeError', 'deferqueue.work.state': 'failed' });
    expect(exceptions(telemetry, 'work mail')).toEqual([
      [
        'exception',
        {
          'exception.type': 'RangeError',
          'exception.message': 'SMTP is down',
          'exception.stacktrace': error.stack,
        },
      ],
    ]);
    for (const other of ['work index', 'drain checkout', 'operation checkout']) {
      expect(telemetry.span(other).status.code, other).toBe(SpanStatusCode.UNSET);
      expect(exceptions(telemetry, other), other).toEqual([]);
    }
  });

  test('of the function is the status of the span of the operation', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const reason = new TypeError('no card');
    await expect(
      withOperation('checkout', () => {
        defer(() => undefined, { name: 'unlock' });
        throw reason;
      }),
    ).rejects.toBe(reason);
    const { status, attributes } = telemetry.span('operation checkout');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'no card' });
    expect(attributes['error.type']).toBe('TypeError');
    expect(exceptions(telemetry, 'operation checkout')).toMatchObject([
      ['exception', { 'exception.message': 'no card' }],
    ]);
    expect(telemetry.span('work unlock').status.code).toBe(SpanStatusCode.UNSET);
  });

  test('by a timeout is that of the work, which ends there', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await settleOperation('checkout', () => void defer(() => never, { name: 'mail', timeout: 1 }));
    const { status, attributes } = telemetry.span('work mail');
    expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(attributes).toMatchObject({
      'error.type': 'WorkTimeoutError',
      'deferqueue.work.state': 'timed-out',
    });
    expect(telemetry.unended).toBe(0);
  });

  test('by a drainTimeout is that of what ran, and what was queued is told as abandoned', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await settleOperation({ name: 'slow', drainTimeout: 1 }, () => {
      defer(() => never, { name: 'stuck' });
      defer(() => undefined, { name: 'waits' });
    });
    expect(telemetry.span('work stuck').attributes['deferqueue.work.state']).toBe('timed-out');
    expect(telemetry.span('work stuck').status.code).toBe(SpanStatusCode.ERROR);
    expect(telemetry.span('operation slow').events).toMatchObject([
      {
        name: 'deferqueue.work.discarded',
        attributes: { 'deferqueue.work.name': 'waits', 'deferqueue.work.state': 'abandoned' },
      },
    ]);
    expect(telemetry.tree).toEqual(['operation slow', '  drain slow', '    work stuck']);
    expect(telemetry.unended).toBe(0);
  });

  test('by a drainTimeout or a shutdown is that of the drain that was cut short, and of no operation', async () => {
    const telemetry = new Telemetry();
    const runtime = createRuntime();
    telemetry.instrument([runtime]);
    const hang = (): void => void runtime.defer(() => never, { name: 'stuck' });
    await runtime.settleOperation({ name: 'slow', drainTimeout: 1 }, hang);
    const down = runtime.settleOperation('down', hang);
    await runtime.shutdown({ grace: 1 });
    await down;
    for (const [name, type, message] of [
      ['slow', 'DrainTimeoutError', /still running: "stuck"/],
      ['down', 'ShuttingDownError', /its grace of 1 ms is over/],
    ] as const) {
      const { status, attributes } = telemetry.span(`drain ${name}`);
      expect(status).toEqual({
        code: SpanStatusCode.ERROR,
        message: expect.stringMatching(message) as unknown,
      });
      expect(attributes['error.type']).toBe(type);
      expect(exceptions(telemetry, `drain ${name}`)).toMatchObject([
        ['exception', { 'exception.type': type }],
      ]);
      expect(telemetry.span(`operation ${name}`).status.code).toBe(SpanStatusCode.UNSET);
    }
  });

  test('by the signal of an operation, or by a timeout of its own, is none of the drain', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await settleOperation({ name: 'whole', signal: AbortSignal.abort(new Error('left')) }, ({ signal }) => {
      defer(() => never, { name: 'mail', timeout: 1 });
      return signal.aborted;
    });
    expect(telemetry.span('work mail').status.code).toBe(SpanStatusCode.ERROR);
    expect(telemetry.span('drain whole').status.code).toBe(SpanStatusCode.UNSET);
  });

  test('by a shutdown that cuts an operation short before its boundary is that of the operation', async () => {
    const telemetry = new Telemetry();
    const runtime = createRuntime();
    telemetry.instrument([runtime]);
    void runtime.withOperation('hangs', () => never);
    await runtime.shutdown({ grace: 1 });
    const { status, attributes } = telemetry.span('operation hangs');
    expect(status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'The operation was terminated before its boundary',
    });
    expect(attributes['error.type']).toBe('cut_short');
    expect(shutdown).not.toBe(runtime.shutdown);
  });

  const unreadable = {
    toString(): string {
      throw new Error('not readable');
    },
  };
  const silent = new Error('hidden');
  Object.defineProperty(silent, 'message', {
    get(): string {
      throw new Error('not readable');
    },
  });

  test.each([
    ['text', 'text', '_OTHER'],
    [undefined, 'undefined', '_OTHER'],
    [{ code: 7 }, '[object Object]', '_OTHER'],
    [unreadable, 'a value that cannot be read', '_OTHER'],
    [silent, 'a value that cannot be read', '_OTHER'],
    [new DOMException('gone', 'AbortError'), 'gone', 'AbortError'],
  ])('may be any value that was thrown: #%#', async (thrown, message, type) => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    await settleOperation('checkout', () => void defer(() => Promise.reject(thrown), { name: 'mail' }));
    const { status, attributes } = telemetry.span('work mail');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(attributes['error.type']).toBe(type);
    expect(telemetry.unended).toBe(0);
  });
});

describe('a telemetry that throws', () => {
  test('is told to its own logger, and changes nothing of operations and works', async () => {
    const error = vi.fn();
    const log = (): void => undefined;
    diag.setLogger({ error, warn: log, info: log, debug: log, verbose: log }, DiagLogLevel.ERROR);
    const fail = (): never => {
      throw new Error('no telemetry');
    };
    const stop = instrument({
      tracerProvider: { getTracer: () => ({ startSpan: fail, startActiveSpan: fail }) },
    });
    onTestFinished(() => {
      stop();
      diag.disable();
    });
    let ran = 0;
    const value = await withOperation('checkout', () => {
      defer(() => void ran++);
      return 7;
    });
    expect([value, ran]).toEqual([7, 1]);
    expect(error.mock.calls).toEqual([
      ['deferqueue: deferqueue:operation:open could not be recorded', new Error('no telemetry')],
    ]);
  });
});
