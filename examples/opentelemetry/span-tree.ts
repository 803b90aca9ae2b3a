import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** One line for each span, below its parent, with the spans that it is linked to, its error and its events. */
export const spanTree = (spans: readonly ReadableSpan[]): string[] => {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));

  const line = (span: ReadableSpan): string => {
    const links = span.links.map(({ context }) => `  (asked for in "${byId.get(context.spanId)?.name}")`);
    const failed = span.status.code === SpanStatusCode.ERROR ? `  ERROR ${span.status.message}` : '';
    return span.name + links.join('') + failed;
  };

  const events = (span: ReadableSpan): string[] =>
    span.events
      .filter(({ name }) => name.startsWith('deferqueue.'))
      .map(({ name, attributes = {} }) => {
        const work = [attributes['deferqueue.work.name'], attributes['deferqueue.work.state']];
        return `- ${name}: ${work.join(' ')}`;
      });

  const below = (parent: string | undefined): string[] =>
    spans
      .filter((span) => span.parentSpanContext?.spanId === parent)
      .toSorted(byStart)
      .flatMap((span) => [
        line(span),
        ...[...events(span), ...below(span.spanContext().spanId)].map((text) => `  ${text}`),
      ]);

  return below(undefined);
};

const byStart = ({ startTime: a }: ReadableSpan, { startTime: b }: ReadableSpan): number =>
  a[0] - b[0] || a[1] - b[1];
