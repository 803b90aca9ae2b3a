#!/usr/bin/env -S npx tsx
// What a tracing tool sees of deferred work: which span it is part of, where it was asked for, and what came of it.
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { withOperation } from 'deferqueue';
import { instrument } from 'deferqueue/opentelemetry';
import { placeOrder } from './order.js';
import { spanTree } from './span-tree.js';

// An application has an exporter that sends spans somewhere. `register` makes this provider the global one, and sets what carries
// the active span through async calls.
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();

const stop = instrument();

await trace.getTracer('shop').startActiveSpan('POST /orders', async (span) => {
  await withOperation({ name: 'order', concurrency: 2, workErrors: 'report', onWorkError: () => {} }, () =>
    placeOrder('book'),
  );
  span.end();
});

stop();
console.log(spanTree(exporter.getFinishedSpans()).join('\n'));
await provider.shutdown();
