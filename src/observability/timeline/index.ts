export { recordTimeline } from './record-timeline.js';
export type { Recording, RecordOptions } from './record-timeline.js';
export type { Timeline, TimelineOperation, TimelineOutcome, TimelineTask, TimelineWork } from './timeline.js';
export { timelineToHtml } from './timeline-to-html.js';
export type { HtmlOptions } from './timeline-to-html.js';
export { timelineToText } from './timeline-to-text.js';
export type { TextOptions, TextStream } from './timeline-to-text.js';
export { timelineToTraceEvents } from './timeline-to-trace-events.js';
export type { TraceEvent, TraceFile } from './timeline-to-trace-events.js';
