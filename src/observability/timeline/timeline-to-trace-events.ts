import { checkTimeline } from './check-timeline.js';
import { rowsOf } from './rows.js';
import type { Timeline } from './timeline.js';

/** One event in the trace event format of Chrome. */
export interface TraceEvent {
  /** The label. */
  readonly name: string;
  /** The category. */
  readonly cat: string;
  /** `M` names a group of tracks. `b` and `e` begin and end a slice that others may overlap. */
  readonly ph: 'M' | 'b' | 'e';
  /** Microseconds since the recording began. */
  readonly ts: number;
  /** The group of tracks: one for each root operation. */
  readonly pid: number;
  /** Always 1: work items are not threads. */
  readonly tid: number;
  /** Groups the events of one row. */
  readonly id?: string;
  /** Details of the row: its state, reason and stack. */
  readonly args: Readonly<Record<string, string>>;
}

/** A file in the trace event format. */
export interface TraceFile {
  /** The events, grouped by row. */
  readonly traceEvents: readonly TraceEvent[];
  /** The unit in which viewers show times. */
  readonly displayTimeUnit: 'ms';
}

/**
 * Converts the timeline to the trace event format of Chrome. Write it to a file as JSON, and open that
 * in Perfetto (ui.perfetto.dev) or chrome://tracing. Each root operation is a group of tracks. A work
 * item has one slice for the time that it waits and one for the time that it runs.
 *
 * Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for an invalid timeline and
 * for one of another version.
 *
 * @example
 * writeFileSync('trace.json', JSON.stringify(timelineToTraceEvents(recording.stop())));
 */
export const timelineToTraceEvents = (timeline: Timeline): TraceFile => {
  checkTimeline(timeline);
  const traceEvents: TraceEvent[] = [];
  let pid = 0;
  for (const [index, row] of rowsOf(timeline).entries()) {
    const { kind, depth, label, state, reason, trace, from, middle, to } = row;
    if (depth === 0) {
      pid++;
      const name = { name: 'process_name', cat: '__metadata', ph: 'M', ts: 0, pid, tid: 1 } as const;
      traceEvents.push({ ...name, args: { name: label } });
    }
    const args = {
      state,
      ...(reason !== undefined && { reason }),
      ...(trace !== undefined && { trace }),
    };
    const event = (ph: 'b' | 'e', name: string, at: number): void => {
      const ts = Math.round(at * 1000);
      traceEvents.push({ name, cat: kind, ph, ts, pid, tid: 1, id: `${kind} ${index}`, args });
    };
    const slice = (name: string, begin: number, end: number): void => {
      event('b', name, begin);
      event('e', name, end);
    };
    if (kind !== 'work') {
      event('b', label, from);
      if (middle !== undefined) slice('drain', middle, to);
      // Last, after the end of the drain: viewers keep the order of events with equal times.
      event('e', label, to);
    } else {
      slice(`${label} waits`, from, middle ?? to);
      if (middle !== undefined) slice(label, middle, to);
    }
  }
  return { traceEvents, displayTimeUnit: 'ms' };
};
