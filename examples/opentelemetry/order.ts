import { setImmediate as turn } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { defer } from 'deferqueue';

/** What the libraries that an application uses do by themselves, once they are instrumented: a span around each call. */
const call = async (name: string, error?: Error): Promise<void> => {
  await trace.getTracer('shop').startActiveSpan(name, async (span) => {
    await turn();
    span.end();
  });
  if (error) throw error;
};

const charge = (): Promise<void> =>
  trace.getTracer('shop').startActiveSpan('charge', async (span) => {
    await call('POST bank/payments');
    // Known here, and to be done when the order is in the database.
    defer(() => call('POST mail/receipts'), { name: 'receipt', on: 'success' });
    defer(() => call('POST bank/refunds'), { name: 'refund', on: 'failure' });
    span.end();
  });

const reserve = async (item: string): Promise<void> => {
  await call(`UPDATE stock`);
  defer(() => call('POST search/items', new Error(`${item} is not in the index`)), {
    name: 'index',
    key: item,
  });
};

/** Deep in the code, and without a word about tracing of works. */
export const placeOrder = async (item: string): Promise<void> => {
  await reserve(item);
  await charge();
  await call('INSERT orders');
};
