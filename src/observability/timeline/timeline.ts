import type { EndState } from '../../api/report.js';

/** What was recorded: plain data that goes through `JSON.stringify`. All times are milliseconds since the recording began. */
export interface Timeline {
  /** The version of this format. */
  readonly version: 1;
  /** When the recording began, in ISO 8601. */
  readonly startedAt: string;
  /** For how long it has gone on. */
  readonly duration: number;
  /** The operations, in the order in which they were opened. */
  readonly operations: readonly TimelineOperation[];
  /** The tasks, in the order in which they were opened. */
  readonly tasks: readonly TimelineTask[];
  /** The works, in the order of their registration. */
  readonly works: readonly TimelineWork[];
  /** How many works there were beyond the limit of the recording: nothing else is known of them. */
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
  /** The `name` given where it was opened; `null` without one. */
  readonly name: string | null;
  /** The `id` of the operation that it is nested in; `null` for a root. */
  readonly parent: number | null;
  /** When it was opened. */
  readonly opened: number;
  /** When it came to its boundary; `null` if it has not. */
  readonly boundary: number | null;
  /** When it was closed; `null` if it was not. */
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
  /** When it was closed; `null` if it was not. */
  readonly closed: number | null;
  /** How its function settled; `null` before it was closed. */
  readonly outcome: TimelineOutcome | null;
}

/** A work of one of these operations. */
export interface TimelineWork {
  /** The `name` given to `defer`; `null` without one. */
  readonly name: string | null;
  /** The `id` of the operation that it was registered in. */
  readonly registeredIn: number;
  /** The `id` of the operation whose boundary it waits for, which is another one once it was promoted. */
  readonly operation: number;
  /** The `id` of the task that it is bound to; `null` where it is the operation's own. */
  readonly task: number | null;
  /** When it was registered. */
  readonly registered: number;
  /** When it was started; `null` if it was not. */
  readonly started: number | null;
  /** When it ended; `null` if it has not. */
  readonly ended: number | null;
  /** `queued`, `running`, or the state in which it has ended. */
  readonly state: 'queued' | 'running' | EndState;
  /** What it failed with or was cancelled with, as a text of one line. */
  readonly reason?: string;
  /** The stack of the call that registered it; in operations with `trace: true`. */
  readonly trace?: string;
}
