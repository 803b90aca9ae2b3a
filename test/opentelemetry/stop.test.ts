import diagnostics from 'node:diagnostics_channel';
import { context, createContextKey, createNoopMeter } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createRuntime, defer, openOperation, withOperation } from 'deferqueue';
import type { Interceptor, Runtime } from 'deferqueue';
import { instrument } from 'deferqueue/opentelemetry';
import { describe, expect, onTestFinished, test } from 'vitest';
import { turn } from '../support/gate.js';
import { activeSpan, Telemetry } from './telemetry.js';

const CHANNELS = [
  'deferqueue:operation:open',
  'deferqueue:operation:boundary',
  'deferqueue:operation:close',
  'deferqueue:task:open',
  'deferqueue:task:close',
  'deferqueue:work:register',
  'deferqueue:work:start',
  'deferqueue:work:end',
];

/** The channels that a setup file of all tests listens to. */
const before = CHANNELS.filter((name) => diagnostics.hasSubscribers(name));
const heard = (): string[] =>
  CHANNELS.filter((name) => diagnostics.hasSubscribers(name) && !before.includes(name));

/** A runtime, and the interceptors that it has. */
const watched = (): { runtime: Runtime; given: Set<Interceptor> } => {
  const inner = createRuntime();
  const given = new Set<Interceptor>();
  const intercept = (interceptor: Interceptor): (() => void) => {
    given.add(interceptor);
    const stop = inner.intercept(interceptor);
    return () => {
      given.delete(interceptor);
      stop();
    };
  };
  return { runtime: { ...inner, intercept }, given };
};

describe('stopping', () => {
  test('leaves no subscriber, no interceptor and no callback behind', async () => {
    const telemetry = new Telemetry();
    const { runtime, given } = watched();
    const callbacks = new Set<unknown>();
    const meter = createNoopMeter();
    meter.createObservableUpDownCounter = () => ({
      addCallback: (callback) => void callbacks.add(callback),
      removeCallback: (callback) => void callbacks.delete(callback),
    });
    expect(heard()).toEqual([]);
    const stop = instrument({
      runtimes: [runtime],
      tracerProvider: telemetry.tracerProvider,
      meterProvider: { getMeter: () => meter },
    });
    expect([heard().length, given.size, callbacks.size]).toEqual([6 - before.length, 1, 1]);
    stop();
    stop();
    expect([heard().length, given.size, callbacks.size]).toEqual([0, 0, 0]);
    await runtime.withOperation('later', () => void runtime.defer(() => undefined));
    expect(telemetry.spans).toEqual([]);
  });

  test('follows what is open to its end, with what is nested in it, and nothing else', async () => {
    const telemetry = new Telemetry();
    const stop = telemetry.instrument();
    const seen: unknown[] = [];
    const operation = openOperation('open');
    await operation.run(async () => {
      defer(() => void seen.push(activeSpan()), { name: 'mail' });
      stop();
      await withOperation('nested', () => undefined);
      await withOperation({ name: 'apart', nesting: 'detached' }, () => undefined);
    });
    expect(heard()).not.toEqual([]);
    await operation.close();
    expect(seen).toEqual(['work mail']);
    expect(telemetry.tree).toEqual(['operation open', '  operation nested', '  drain open', '    work mail']);
    expect(telemetry.unended).toBe(0);
    expect(heard()).toEqual([]);
  });

  test('ends one and leaves another that was started beside it', async () => {
    const one = new Telemetry();
    const other = new Telemetry();
    const stop = one.instrument([]);
    other.instrument([]);
    stop();
    await withOperation('checkout', () => undefined);
    expect(one.spans).toEqual([]);
    expect(other.tree).toEqual(['operation checkout']);
  });
});

describe('what is followed', () => {
  test('is kept no longer than its operation, whoever holds a handle of it', async () => {
    // Spans that nobody exports, so that only the instrumentation could keep their contexts.
    const tracerProvider = new NodeTracerProvider({ spanProcessors: [] });
    const { meterProvider } = new Telemetry();
    onTestFinished(instrument({ tracerProvider, meterProvider }));
    const kept: WeakRef<object>[] = [];
    const handle = await withOperation('checkout', () => {
      const value = { large: true };
      kept.push(new WeakRef(value));
      const registered = context.active().setValue(createContextKey('large'), value);
      return context.with(registered, () => defer(() => undefined, { name: 'mail' }));
    });
    await turn();
    globalThis.gc?.();
    expect(handle.state).toBe('ran');
    expect(kept.map((ref) => ref.deref())).toEqual([undefined]);
  });
});

describe('bad options', () => {
  test.each([
    [null, 'Expected `options` to be an object, got null'],
    ['all', 'Expected `options` to be an object, got "all" (string)'],
    [[], 'Expected `options` to be an object, got an instance of Array'],
    [{ runtime: 1 }, 'Unknown option `runtime`. There are: runtimes, tracerProvider, meterProvider'],
    [{ runtimes: {} }, 'Expected `options.runtimes` to be an array of runtimes, got an instance of Object'],
    [{ runtimes: [undefined] }, 'Expected `options.runtimes[0]` to be a runtime, got undefined'],
    [
      { tracerProvider: {} },
      'Expected `options.tracerProvider` to be an object with the method getTracer, got an instance of Object',
    ],
    [
      { meterProvider: 7 },
      'Expected `options.meterProvider` to be an object with the method getMeter, got 7 (number)',
    ],
  ])('are refused before anything is listened to: %o', (options, message) => {
    expect(() => instrument(options as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', message, code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }),
    );
    expect(heard()).toEqual([]);
  });

  test('are none where there are no options, or undefined ones', () => {
    instrument()();
    instrument({ runtimes: undefined, tracerProvider: undefined, meterProvider: undefined })();
    expect(heard()).toEqual([]);
  });
});
