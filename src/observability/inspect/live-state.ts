/** What is alive: plain data that goes through `JSON.stringify`. It has names and no `data`, no keys and no results. */
export interface LiveState {
  /** How many there are in all, however many are listed. */
  readonly counts: LiveCounts;
  /** The operations that have not been closed, the oldest first: each one comes after its parent. */
  readonly operations: readonly LiveOperation[];
}

/** How many of each kind are alive. */
export interface LiveCounts {
  /** Operations that have not been closed. */
  readonly operations: number;
  /** Tasks that have not been closed. */
  readonly tasks: number;
  /** Works that wait for their boundary. */
  readonly queued: number;
  /** Works that have started and have not ended. */
  readonly running: number;
}

/** An operation that has not been closed. */
export interface LiveOperation {
  /** The operation's `id`. */
  readonly id: number;
  /** The `name` given where it was opened; `null` without one. */
  readonly name: string | null;
  /** The `id` of the operation that it is nested in; `null` for a root. */
  readonly parent: number | null;
  /** `open` until the boundary, then `draining`. */
  readonly state: 'open' | 'draining';
  /** How long ago it was opened, in milliseconds. */
  readonly ageMs: number;
  /** How many there are in all of what is its own, however many are listed: without the operations nested in it. */
  readonly counts: Omit<LiveCounts, 'operations'>;
  /** Its tasks that have not been closed, the oldest first. */
  readonly tasks: readonly LiveTask[];
  /** Its works: first those that run, in the order in which they started, then the queued ones, the oldest first. */
  readonly works: readonly LiveWork[];
}

/** A task that has not been closed. */
export interface LiveTask {
  /** The task's `id`. */
  readonly id: number;
  /** The `name` given to `withTask`; `null` without one. */
  readonly name: string | null;
  /** `open` while its function runs, `draining` while its `until: 'task'` works do. */
  readonly state: 'open' | 'draining';
  /** How long ago it was opened, in milliseconds. */
  readonly ageMs: number;
}

/** A work that has not ended. */
export interface LiveWork {
  /** The `name` given to `defer`; `null` without one. */
  readonly name: string | null;
  /** The task that it is bound to, which may have been closed; `null` where it is the operation's own. */
  readonly task: Pick<LiveTask, 'id' | 'name'> | null;
  /** Whether it waits for its boundary or runs. */
  readonly state: 'queued' | 'running';
  /** How long ago it was registered, in milliseconds. */
  readonly ageMs: number;
  /** For how long it has run, in milliseconds; `null` while it is queued. */
  readonly runningMs: number | null;
  /** The stack of the call that registered it; only in operations with `trace: true`. */
  readonly trace?: string;
}
