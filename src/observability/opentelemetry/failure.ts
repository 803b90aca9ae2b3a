import { SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';

/** The `error.type` of an error without a name. */
const OTHER = '_OTHER';

/** Reads what was thrown, which may be any value, even one whose properties throw. */
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

/** Marks the span as failed and records what was thrown. @internal */
export const fail = (span: Span, reason: unknown): void => {
  const exception = read(reason);
  span.recordException(exception);
  failAs(span, exception.name, exception.message);
};

/** Marks the span as failed where nothing was thrown. @internal */
export const failAs = (span: Span, type: string, message: string): void => {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
};
