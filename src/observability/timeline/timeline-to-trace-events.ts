import { checkTimeline } from './check-timeline.js';
import { rowsOf } from './rows.js';
import type { Timeline } from './timeline.js';

/** One event in the trace event format of Chrome. */
export interface TraceEvent {
  /** What is shown. */
  readonly name: string;
  /** The category. */
  readonly cat: string;
  /** `M` for a name of a track, `b` and `e` for the begin and the end of something that others may overlap. */
  readonly ph: 'M' | 'b' | 'e';
  /** Microseconds since the recording began. */
  readonly ts: number;
  /** The group of tracks: one for each root operation. */
  readonly pid: number;
  /** Always 1: works are no threads. */
  readonly tid: number;
  /** What belongs together. */
  readonly id?: string;
  /** What is shown of it besides. */
  readonly args: Readonly<Record<string, string>>;
}

/** A file in the trace event format. */
export interface TraceFile {
  /** The events, those of a row one after the other. */
  readonly traceEvents: readonly TraceEvent[];
  /** In which unit times are shown. */
  readonly displayTimeUnit: 'ms';
}

/**
 * The timeline in the trace event format of Chrome, which Perfetto (ui.perfetto.dev) and chrome://tracing open once it is written to a file as JSON.
 * Each root operation is a group of tracks; a work has a slice for the time that it waits and one for the time that it runs.
 *
 * Throws a `TypeError` or `RangeError` for what is no timeline of this version (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
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
      // After that of the drain: events of one time are taken as they stand.
      event('e', label, to);
    } else {
      slice(`${label} waits`, from, middle ?? to);
      if (middle !== undefined) slice(label, middle, to);
    }
  }
  return { traceEvents, displayTimeUnit: 'ms' };
};
