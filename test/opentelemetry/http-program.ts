// Works that call a server of their own by `node:http`, which is instrumented before anything loads it. Prints the tree of spans.
import { once } from 'node:events';
import type * as Http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { SpanKind } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { defer, withOperation } from 'deferqueue';
import { instrument } from 'deferqueue/opentelemetry';

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
const http = createRequire(import.meta.url)('node:http') as typeof Http;
const stop = instrument();

const server = http.createServer((request, response) => void response.end(request.url));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const get = async (path: string): Promise<void> => {
  const request = http.get({ host: '127.0.0.1', port, path, agent: false });
  const [response] = (await once(request, 'response')) as [Http.IncomingMessage];
  response.resume();
  await once(response, 'close');
};

await withOperation({ name: 'import', concurrency: 3 }, async () => {
  await get('/begin');
  for (const name of ['a', 'b', 'c']) {
    const notify = async (): Promise<void> => {
      await get(`/${name}/first`);
      await get(`/${name}/second`);
    };
    defer(notify, { name });
  }
});
stop();
server.close();
await once(server, 'close');

const spans = exporter.getFinishedSpans();
for (const span of spans.filter(({ kind }) => kind === SpanKind.CLIENT)) {
  const parent = spans.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
  const served = spans.filter(
    (other) =>
      other.kind === SpanKind.SERVER && other.parentSpanContext?.spanId === span.spanContext().spanId,
  );
  const { pathname } = new URL(String(span.attributes['url.full'] ?? span.attributes['http.url']));
  console.log(`${pathname}: below ${parent?.name}, served ${served.length}`);
}
