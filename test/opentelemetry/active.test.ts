import { context, createContextKey, propagation, trace } from '@opentelemetry/api';
import { createRuntime, defer, openOperation, withOperation } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate, turn } from '../support/gate.js';
import { activeSpan, Telemetry } from './telemetry.js';

describe('the active span', () => {
  test('is that of the operation inside its function, and the one from before after it', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const seen: unknown[] = [];
    await telemetry.within('request', async () => {
      await withOperation('checkout', async () => {
        seen.push(activeSpan());
        await turn();
        seen.push(activeSpan());
      });
      seen.push(activeSpan());
    });
    expect(seen).toEqual(['operation checkout', 'operation checkout', 'request']);
  });

  test('is that of the work in each of ten that run at once, across awaits', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const all = gate();
    const seen = new Map<string, unknown[]>();
    let entered = 0;
    await withOperation({ name: 'import', concurrency: 10 }, () => {
      for (let index = 0; index < 10; index++) {
        const name = `file ${index}`;
        defer(
          async () => {
            const own = [activeSpan()];
            if (++entered === 10) all.open();
            await all.passed;
            own.push(activeSpan());
            await turn();
            own.push(activeSpan());
            await telemetry.within(`step ${index}`, () => void own.push(activeSpan()));
            seen.set(name, own);
          },
          { name },
        );
      }
    });
    expect(seen.size).toBe(10);
    for (let index = 0; index < 10; index++) {
      const own = `work file ${index}`;
      expect(seen.get(`file ${index}`)).toEqual([own, own, own, `step ${index}`]);
      const parent = telemetry.span(`step ${index}`).parentSpanContext;
      expect(parent?.spanId).toBe(telemetry.span(own).spanContext().spanId);
    }
  });

  test('is that of the work while everything else of the context is as it was at registration', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const tenant = createContextKey('tenant');
    const seen: unknown[] = [];
    await withOperation('checkout', () => {
      const baggage = propagation.createBaggage({ user: { value: 'ann' } });
      const registered = propagation.setBaggage(context.active().setValue(tenant, 'shop'), baggage);
      context.with(registered, () => {
        defer(
          () => {
            const { user } = Object.fromEntries(propagation.getActiveBaggage()?.getAllEntries() ?? []);
            seen.push(context.active().getValue(tenant), user?.value, activeSpan());
          },
          { name: 'mail' },
        );
      });
    });
    expect(seen).toEqual(['shop', 'ann', 'work mail']);
    // What samplers and processors get to see.
    expect(telemetry.startOf('work mail').getValue(tenant)).toBe('shop');
  });

  test('stays the one of the registration in runtimes that are not intercepted, which have spans', async () => {
    const telemetry = new Telemetry();
    const runtime = createRuntime();
    telemetry.instrument();
    const seen: unknown[] = [];
    await telemetry.within('request', () =>
      runtime.withOperation('outer', async () => {
        seen.push(activeSpan());
        runtime.defer(() => void seen.push(activeSpan()), { name: 'mail' });
        await runtime.withOperation('inner', () => undefined);
      }),
    );
    expect(seen).toEqual(['request', 'request']);
    expect(telemetry.tree).toEqual([
      'request',
      '  operation outer',
      '    operation inner',
      '    drain outer',
      '      work mail',
    ]);
    expect(telemetry.linksOf('work mail')).toEqual(['request']);
  });

  test('is set in every runtime that is named', async () => {
    const telemetry = new Telemetry();
    const runtimes = [createRuntime(), createRuntime()];
    telemetry.instrument(runtimes);
    const seen: unknown[] = [];
    for (const runtime of runtimes) {
      await runtime.withOperation('import', () => {
        seen.push(activeSpan());
        runtime.defer(() => void seen.push(activeSpan()));
      });
    }
    await withOperation('other', () => void seen.push(activeSpan()));
    expect(seen).toEqual(['operation import', 'work', 'operation import', 'work', undefined]);
  });

  test('is not that of an operation opened by hand in its `run`, and is that of its works', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    const seen: unknown[] = [];
    await telemetry.within('request', async () => {
      const operation = openOperation('upload');
      operation.run(() => {
        seen.push(activeSpan());
        defer(() => void seen.push(activeSpan()), { name: 'mail' });
      });
      await operation.close();
    });
    expect(seen).toEqual(['request', 'work mail']);
  });

  test('is none where there is no context manager, and the spans are there all the same', async () => {
    const telemetry = new Telemetry();
    telemetry.instrument();
    context.disable();
    const seen: unknown[] = [];
    await withOperation('checkout', () => {
      seen.push(trace.getActiveSpan());
      defer(() => void seen.push(trace.getActiveSpan()), { name: 'mail' });
    });
    expect(seen).toEqual([undefined, undefined]);
    expect(telemetry.tree).toEqual(['operation checkout', '  drain checkout', '    work mail']);
  });
});
