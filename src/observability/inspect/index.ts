export { format } from './format.js';
export { inspect } from './inspect.js';
export type { InspectOptions } from './inspect.js';
export type { LiveCounts, LiveOperation, LiveState, LiveTask, LiveWork } from './live-state.js';
export { printOnSignal } from './print-on-signal.js';
