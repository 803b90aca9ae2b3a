import { describe, expect, test } from 'vitest';
import { run } from './program.js';

const output = `
POST /orders
  operation order
    - deferqueue.work.discarded: refund skipped
    UPDATE stock
    charge
      POST bank/payments
    INSERT orders
    drain order
      work index  (asked for in "operation order")  ERROR book is not in the index
        POST search/items
      work receipt  (asked for in "charge")
        POST mail/receipts`;

describe('the example of OpenTelemetry', () => {
  test('prints each work below the drain that runs it, with where it was asked for and its own calls', async () => {
    const { lines, stderr, status } = await run('examples/opentelemetry/main.ts').finished;
    expect(stderr).toBe('');
    expect(lines.join('\n')).toBe(output.trimStart());
    expect(status).toBe(0);
  });
});
