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
 * Starts the span of an operation, below the active span. An enclosing operation from `openOperation`,
 * or of a runtime that is not intercepted, cannot make its span active. The new span is then below
 * the span of that operation, unless another span has become active since.
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

/**
 * Starts the span of a drain at the time of the boundary. That has passed for a while if the work had
 * to wait for a shared queue.
 * @internal
 */
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
 * Starts the span of a work item, in the context of its registration. It is below the span of what runs
 * it, and linked to the span that was active at the registration. If the operation that runs it is not
 * recorded, it is below that span instead.
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
