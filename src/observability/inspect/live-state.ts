/**
 * The live operations, tasks and work items, as plain data for `JSON.stringify`. It contains names,
 * but no `data`, keys or results.
 */
export interface LiveState {
  /** The totals, including what the lists leave out. */
  readonly counts: LiveCounts;
  /** The operations that have not been closed, oldest first. Each one comes after its parent. */
  readonly operations: readonly LiveOperation[];
}

/** How many operations, tasks and work items are alive. */
export interface LiveCounts {
  /** Operations that have not been closed. */
  readonly operations: number;
  /** Tasks that have not been closed. */
  readonly tasks: number;
  /** Work items that wait for their boundary. */
  readonly queued: number;
  /** Work items that have started and have not ended. */
  readonly running: number;
}

/** An operation that has not been closed. */
export interface LiveOperation {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given when it was opened; `null` without one. */
  readonly name: string | null;
  /** The `id` of the operation that it is nested in; `null` for a root. */
  readonly parent: number | null;
  /** `open` until the boundary, then `draining`. */
  readonly state: 'open' | 'draining';
  /** How long ago it was opened, in milliseconds. */
  readonly ageMs: number;
  /** Its own totals, including what the lists leave out. Nested operations are not counted. */
  readonly counts: Omit<LiveCounts, 'operations'>;
  /** Its tasks that have not been closed, oldest first. */
  readonly tasks: readonly LiveTask[];
  /** Its work items: the running ones in the order of their start, then the queued ones, oldest first. */
  readonly works: readonly LiveWork[];
}

/** A task that has not been closed. */
export interface LiveTask {
  /** The task's `id`. */
  readonly id: number;
  /** The `name` given to `withTask`; `null` without one. */
  readonly name: string | null;
  /** `open` while its function runs, `draining` while its `until: 'task'` work runs. */
  readonly state: 'open' | 'draining';
  /** How long ago it was opened, in milliseconds. */
  readonly ageMs: number;
}

/** A work item that has not ended. */
export interface LiveWork {
  /** The `name` given to `defer`; `null` without one. */
  readonly name: string | null;
  /** The task that it is bound to, which may be closed; `null` if it is bound to the operation. */
  readonly task: Pick<LiveTask, 'id' | 'name'> | null;
  /** `queued` while it waits for its boundary, then `running`. */
  readonly state: 'queued' | 'running';
  /** How long ago it was registered, in milliseconds. */
  readonly ageMs: number;
  /** How long it has run, in milliseconds; `null` while it is queued. */
  readonly runningMs: number | null;
  /** The stack of the call that registered it. Only in operations with `trace: true`. */
  readonly trace?: string;
}
