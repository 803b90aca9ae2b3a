import { SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';

/** What stands for the type of an error that has none. */
const OTHER = '_OTHER';

/** What can be told of what was thrown. That may be any value, one whose properties throw, too. */
const read = (
  reason: unknown,
): { readonly name: string; readonly message: string; readonly stack?: string } => {
  try {
    if (!(reason instanceof Error)) return { name: OTHER, message: String(reason) };
    const { name, message, stack } = reason;
    return { name: name || OTHER, message, ...(stack !== undefined && { stack }) };
  } catch {
    return { name: OTHER, message: 'a value that cannot be read' };
  }
};

/** Marks what the span stands for as failed, with what was thrown. @internal */
export const fail = (span: Span, reason: unknown): void => {
  const exception = read(reason);
  span.recordException(exception);
  failAs(span, exception.name, exception.message);
};

/** Marks what the span stands for as failed where nothing was thrown. @internal */
export const failAs = (span: Span, type: string, message: string): void => {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
};
