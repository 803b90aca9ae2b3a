import { isSpanContextValid, SpanKind, trace } from '@opentelemetry/api';
import type { Context, Link, Span, Tracer } from '@opentelemetry/api';
import type { ObservedWork, Operation } from '../../index.js';
import { operationAttributes, spanName, workAttributes } from './attributes.js';
import type { OperationRecord, WorkRecord } from './records.js';

/** A span and the context in which it is active. */
interface Entered {
  readonly span: Span;
  readonly inside: Context;
}

/**
 * Of an operation, below the span that is active. Where the operation around it could not make its own span active, since it was
 * opened by hand or belongs to a runtime that is not intercepted, nothing has become active since: then that one is meant.
 * @internal
 */
export const startOperation = (
  tracer: Tracer,
  operation: Operation,
  active: Context,
  enclosing: OperationRecord | undefined,
): OperationRecord => {
  const around = trace.getSpan(active);
  const hidden = enclosing !== undefined && enclosing.around === around;
  const parent = hidden ? trace.setSpan(active, enclosing.span) : active;
  const options = { kind: SpanKind.INTERNAL, attributes: operationAttributes(operation) };
  const span = tracer.startSpan(spanName('operation', operation.name), options, parent);
  return { span, inside: trace.setSpan(parent, span), around };
};

/** Of a drain, from the boundary on, which was a while ago if works had to wait for a queue. @internal */
export const startDrain = (
  tracer: Tracer,
  operation: Operation,
  { inside }: OperationRecord,
  startTime: number,
): Entered => {
  const options = { kind: SpanKind.INTERNAL, attributes: operationAttributes(operation), startTime };
  const span = tracer.startSpan(spanName('drain', operation.name), options, inside);
  return { span, inside: trace.setSpan(inside, span) };
};

/**
 * Of a work: below what runs it, in the context of who registered it, and linked to the span that was active there. Where the operation
 * that runs it is not followed, it is below the span that registered it.
 * @internal
 */
export const startWork = (
  tracer: Tracer,
  work: ObservedWork,
  { registered, trace: stack }: WorkRecord,
  parent: Span | undefined,
): Span =>
  tracer.startSpan(
    spanName('work', work.name),
    {
      kind: SpanKind.INTERNAL,
      attributes: workAttributes(work, stack),
      links: linksTo(registered),
    },
    parent === undefined ? registered : trace.setSpan(registered, parent),
  );

const linksTo = (registered: Context): Link[] => {
  const context = trace.getSpanContext(registered);
  return context !== undefined && isSpanContextValid(context) ? [{ context }] : [];
};
