import type { EndState } from '../../api/report.js';

/** A recording, as plain data for `JSON.stringify`. All times are milliseconds since it began. */
export interface Timeline {
  /** The version of this format. */
  readonly version: 1;
  /** When the recording began, in ISO 8601. */
  readonly startedAt: string;
  /** How long it has taken. */
  readonly duration: number;
  /** The operations, in the order in which they were opened. */
  readonly operations: readonly TimelineOperation[];
  /** The tasks, in the order in which they were opened. */
  readonly tasks: readonly TimelineTask[];
  /** The work items, in the order of their registration. */
  readonly works: readonly TimelineWork[];
  /** How many work items exceeded the limit of the recording. They are only counted. */
  readonly dropped: number;
}

/** How a function settled. */
export interface TimelineOutcome {
  /** Whether it fulfilled or rejected. */
  readonly status: 'fulfilled' | 'rejected';
  /** What it rejected with, as a text of one line. */
  readonly reason?: string;
}

/** An operation that was opened during the recording. */
export interface TimelineOperation {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given when it was opened; `null` without one. */
  readonly name: string | null;
  /** The `id` of the operation that it is nested in; `null` for a root. */
  readonly parent: number | null;
  /** When it was opened. */
  readonly opened: number;
  /** When it reached its boundary; `null` if it has not. */
  readonly boundary: number | null;
  /** When it was closed; `null` if it has not closed. */
  readonly closed: number | null;
  /** How its function settled; `null` before its boundary. */
  readonly outcome: TimelineOutcome | null;
}

/** A task of one of these operations. */
export interface TimelineTask {
  /** The task's `id`. */
  readonly id: number;
  /** The `name` given to `withTask`; `null` without one. */
  readonly name: string | null;
  /** The `id` of its operation. */
  readonly operation: number;
  /** When it was opened. */
  readonly opened: number;
  /** When it was closed; `null` if it has not closed. */
  readonly closed: number | null;
  /** How its function settled; `null` before it closed. */
  readonly outcome: TimelineOutcome | null;
}

/** A work item of one of these operations. */
export interface TimelineWork {
  /** The `name` given to `defer`; `null` without one. */
  readonly name: string | null;
  /** The `id` of the operation that it was registered in. */
  readonly registeredIn: number;
  /** The `id` of the operation whose boundary it waits for. Promotion changes it. */
  readonly operation: number;
  /** The `id` of the task that it is bound to; `null` if it is bound to the operation. */
  readonly task: number | null;
  /** When it was registered. */
  readonly registered: number;
  /** When it was started; `null` if it has not started. */
  readonly started: number | null;
  /** When it ended; `null` if it has not ended. */
  readonly ended: number | null;
  /** `queued`, `running`, or the state in which it ended. */
  readonly state: 'queued' | 'running' | EndState;
  /** What it failed with or was cancelled with, as a text of one line. */
  readonly reason?: string;
  /** The stack of the call that registered it. Only in operations with `trace: true`. */
  readonly trace?: string;
}
