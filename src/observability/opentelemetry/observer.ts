import { context, trace } from '@opentelemetry/api';
import type { Tracer } from '@opentelemetry/api';
import { DrainTimeoutError, ShuttingDownError } from '../../index.js';
import type { ChannelMessages, Interceptor, Operation, OperationReport } from '../../index.js';
import { discardAttributes, endAttributes, seriesAttributes } from './attributes.js';
import { busySince, loopNow } from './event-loop.js';
import { fail, failAs } from './failure.js';
import type { Instruments } from './instruments.js';
import type { Records } from './records.js';
import { startDrain, startOperation, startWork } from './spans.js';
import type { Listeners } from '../listen.js';

type Message<Name extends keyof ChannelMessages> = ChannelMessages[Name];

/** Listeners that turn the messages about operations and work items into spans and metrics. @internal */
export const observe = (records: Records, tracer: Tracer, instruments: Instruments): Listeners => ({
  'deferqueue:operation:open'({ operation }) {
    if (!records.follows(operation)) return;
    const enclosing = operation.parent && records.operation(operation.parent);
    records.opened(operation, startOperation(tracer, operation, context.active(), enclosing));
  },

  'deferqueue:operation:boundary'({ operation, outcome }) {
    const record = records.operation(operation);
    if (record === undefined) return;
    // In this order, a pause between the reads never makes the drain shorter than the work in it.
    record.boundary = { at: performance.now(), date: Date.now(), loop: loopNow() };
    if (outcome.status === 'rejected') fail(record.span, outcome.reason);
  },

  'deferqueue:operation:close'({ operation, report }) {
    const record = records.operation(operation);
    if (record === undefined) return;
    try {
      const { span, boundary, drain } = record;
      if (boundary === undefined)
        failAs(span, 'cut_short', 'The operation was terminated before its boundary');
      if (boundary !== undefined && drain !== undefined) {
        const took = performance.now() - boundary.at;
        const termination = terminationReason(operation, report);
        if (termination !== undefined) fail(drain.span, termination);
        // A span with an explicit start needs an explicit end.
        drain.span.end(boundary.date + took);
        const series = seriesAttributes(operation);
        instruments.drainDuration.record(took / 1000, series, drain.inside);
        const busy = busySince(boundary.loop);
        if (busy !== undefined) instruments.drainUtilization.record(busy, series, drain.inside);
      }
      span.end();
    } finally {
      records.closed(operation);
    }
  },

  'deferqueue:work:register'({ work, trace: stack }) {
    if (records.operation(work.operation) === undefined) return;
    records.registered(work, { registered: context.active(), trace: stack });
  },

  'deferqueue:work:start'({ work }) {
    const record = records.work(work);
    if (record === undefined) return;
    const { operation } = work;
    const around = records.operation(operation);
    if (around?.boundary !== undefined) {
      around.drain ??= startDrain(tracer, operation, around, around.boundary.date);
    }
    records.started(record, startWork(tracer, work, record, around?.drain?.span ?? around?.span));
  },

  'deferqueue:work:end': (message) => endWork(records, instruments, message),
});

/**
 * What terminated the drain: the reason of the operation's signal. Read only if work was terminated,
 * because the first read of `signal` creates it.
 */
const terminationReason = (operation: Operation, { counts }: OperationReport): unknown => {
  if (counts['timed-out'] + counts.abandoned === 0) return undefined;
  const reason: unknown = operation.signal.reason;
  return reason instanceof DrainTimeoutError || reason instanceof ShuttingDownError ? reason : undefined;
};

const endWork = (
  records: Records,
  instruments: Instruments,
  { work, report }: Message<'deferqueue:work:end'>,
): void => {
  const record = records.work(work);
  if (record === undefined) return;
  const { state } = report;
  const { operation } = work;
  const { span } = record;
  try {
    instruments.endedItems.add(1, seriesAttributes(operation, state));
    if (span === undefined) {
      const around = records.operation(operation)?.span;
      around?.addEvent('deferqueue.work.discarded', discardAttributes(report));
      return;
    }
    span.setAttributes(endAttributes(report));
    if (state === 'failed' || state === 'timed-out') fail(span, report.reason);
  } finally {
    records.ended(work, record);
    span?.end();
  }
};

/** Makes the spans active in the functions of operations and work items. @internal */
export const activate = (records: Records): Interceptor => ({
  operation(operation, run) {
    const record = records.operation(operation);
    return record === undefined ? run() : context.with(trace.setSpan(context.active(), record.span), run);
  },
  work(work, run) {
    const span = records.work(work)?.span;
    return span === undefined ? run() : context.with(trace.setSpan(context.active(), span), run);
  },
});
