import { TimedSignal, type OwnError } from './timed-signal.js';

// What the contract speaks of. Operations, tasks, works and queues know each other, so they stand together: what they are.
// What happens to them is told in the other files.

export type Outcome = PromiseSettledResult<unknown>;
export type State = 'open' | 'draining' | 'closed';
export type EndState =
  'ran' | 'failed' | 'timed-out' | 'skipped' | 'cancelled' | 'replaced' | 'abandoned' | 'promoted';

export interface OperationSettings {
  readonly name: string;
  readonly order: 'fifo' | 'lifo';
  readonly concurrency: number;
  readonly drainTimeout: number;
  readonly maxPending: number;
  readonly workErrors: 'throw' | 'report';
  readonly hears: boolean;
  readonly full: boolean;
}

/** Works that wait for the same boundary of the same owner, in the order in which they came. */
export class ModelQueue {
  works: ModelWork[] = [];
  /** The flush that serves it (G12). */
  flush: ModelFlush | undefined;
  readonly isLifo: boolean;

  constructor(isLifo = false) {
    this.isLifo = isLifo;
  }

  inOrder(): ModelWork[] {
    return this.isLifo ? this.works.toReversed() : this.works;
  }

  remove(work: ModelWork): void {
    this.works = this.works.filter((each) => each !== work);
  }
}

/** One drain: how many of its works may run at once, and which do (G11). */
export class ModelDrain {
  readonly limit: number;
  readonly running = new Set<ModelWork>();

  constructor(limit: number) {
    this.limit = limit;
  }
}

export class ModelFlush {
  readonly queue: ModelQueue;
  readonly operation: ModelOperation;
  readonly drain: ModelDrain;
  entered = 0;
  /** Whether there was a moment since the last quiescence in which it had nothing to do, and so may have ended. */
  hasBeenIdle = false;
  isOver = false;

  constructor(queue: ModelQueue, operation: ModelOperation, limit: number) {
    this.queue = queue;
    this.operation = operation;
    this.drain = new ModelDrain(limit);
  }
}

export interface ModelResource {
  readonly label: string;
  readonly operation: ModelOperation;
  readonly task: ModelTask | undefined;
  /** The context of the call of `use`, and so of the disposer (G13). */
  readonly token: string;
  enteredAt: number | undefined;
  order: number;
  outcome: Outcome | undefined;
}

/** What was running when an operation was cut. */
export interface Stuck {
  readonly order: number;
  readonly name: string | undefined;
  readonly task: string | undefined;
  readonly since: number;
}

/** The end of an operation that has lasted too long (G23). */
export interface Cut {
  readonly reason: OwnError;
  readonly at: number;
  /** Until when its discards and disposers are waited for. */
  readonly until: number;
  readonly wasOpen: boolean;
  readonly stuck: readonly Stuck[];
  readonly abandoned: readonly ModelWork[];
  /** Those of them that have a discard, by queue: of two queues, the one of lower rank is discarded first. */
  readonly discards: readonly { readonly rank: number; readonly works: ModelWork[] }[];
  /** Whether its discards and disposers have settled, or are not waited for any more. */
  isOver: boolean;
}

export class ModelOperation {
  readonly id: number;
  readonly settings: OperationSettings;
  readonly parent: ModelOperation | undefined;
  readonly root: ModelOperation;
  readonly signal = new TimedSignal();
  state: State = 'open';
  /** When its drain has started. */
  drainsSince = 0;
  cut: Cut | undefined;
  /** How its function has settled. */
  outcome: Outcome | undefined;
  readonly tasks: ModelTask[] = [];
  readonly own: ModelQueue;
  untilRoot: ModelWork[] = [];
  readonly resources: ModelResource[] = [];
  disposing: ModelResource | undefined;
  readonly drain: ModelDrain;
  readonly flushes = new Set<ModelFlush>();
  /** Why an operation around it was cut short while its function ran, so that it has not succeeded. */
  leftBehind: OwnError | undefined;
  /** What `fail` was called with first, in an operation of `openOperation`. */
  failure: Outcome | undefined;
  /** Nested operations that have not been closed. */
  readonly nested = new Set<ModelOperation>();
  /** Functions that joined it or that its `run` called, and that have not settled. */
  functions = 0;
  /** How many calls of its `run` have not returned: a `close` within them does not wait for them. */
  calls = 0;
  /** Discards that hold no slot and that have not settled: those of cancelled, replaced and abandoned works. */
  readonly discards = new Set<ModelWork>();
  registered = 0;
  readonly rows: { readonly work: ModelWork; readonly state: EndState }[] = [];
  readonly failures: unknown[] = [];
  /** What has failed when it was not waited for any more: who hears of that is not said. */
  readonly lateFailures: unknown[] = [];

  constructor(id: number, settings: OperationSettings, parent: ModelOperation | undefined) {
    this.id = id;
    this.settings = settings;
    this.parent = parent;
    this.root = parent?.root ?? this;
    this.own = new ModelQueue(settings.order === 'lifo');
    this.drain = new ModelDrain(settings.concurrency);
    this.signal.follow(parent?.signal);
    parent?.nested.add(this);
  }

  get name(): string {
    return this.settings.name;
  }

  get pending(): number {
    const own = this.own.works.length + this.untilRoot.length;
    return this.tasks.reduce(
      (sum, task) => sum + task.untilTask.works.length + task.untilOperation.works.length,
      own,
    );
  }

  get isFull(): boolean {
    return this.pending >= this.settings.maxPending;
  }

  isWithin(outer: ModelOperation): boolean {
    return this === outer || (this.parent?.isWithin(outer) ?? false);
  }
}

export interface Shutdown {
  readonly grace: number;
  /** When the grace is over; then, until when the discards and disposers of what was cut are waited for. */
  until: number;
  /** What is to be cut now. */
  readonly due: Set<ModelOperation>;
  readonly cut: ModelOperation[];
  /** How many operations have ended by themselves. */
  ended: number;
  isOver: boolean;
}

export class ModelTask {
  readonly name: string;
  readonly operation: ModelOperation;
  readonly limit: number;
  /** The context of the call that opened it, in which works run that others bind to it (G13). */
  readonly token: string;
  readonly signal = new TimedSignal();
  readonly untilTask = new ModelQueue();
  readonly untilOperation = new ModelQueue();
  readonly drain: ModelDrain;
  state: State = 'open';
  outcome: Outcome | undefined;

  constructor(name: string, operation: ModelOperation, limit: number, token: string) {
    this.name = name;
    this.operation = operation;
    this.limit = limit;
    this.token = token;
    this.drain = new ModelDrain(Math.min(limit, operation.settings.concurrency));
    this.signal.follow(operation.signal);
  }
}

export interface Registration {
  readonly name: string;
  readonly operation: ModelOperation;
  readonly task: ModelTask | undefined;
  readonly on: 'success' | 'failure' | 'always';
  readonly until: 'task' | 'operation' | 'root';
  /** Whether it waits for the root in the root itself. */
  readonly isOfRoot: boolean;
  readonly key: string | undefined;
  readonly coalescing: 'first' | 'last' | 'merge';
  readonly hasDiscard: boolean;
  readonly timeout: number;
  /** What an `AsyncLocalStorage` reads where it was registered. */
  readonly token: string;
}

/** One deferred function. Exactly one of its `run` and its `discard` is entered, once (G19). */
export class ModelWork {
  readonly registration: Registration;
  /** Where it waits: another one than where it was registered, and no task, once it is promoted. */
  operation: ModelOperation;
  task: ModelTask | undefined;
  data: number;
  state: 'queued' | 'running' | Exclude<EndState, 'promoted'> = 'queued';
  entered: 'nothing' | 'run' | 'discard' = 'nothing';
  enteredAt = 0;
  /** Counted up in the order in which things are entered. */
  order = 0;
  /** In which step of the schedule it ended without having been entered. */
  endedIn = -1;
  /** How what was entered has settled; the library may not have noticed yet. */
  outcome: Outcome | undefined;
  reason: unknown;
  readonly signal = new TimedSignal();
  /** The drain in which it holds a slot. */
  drain: ModelDrain | undefined;

  constructor(registration: Registration, data: number) {
    this.registration = registration;
    this.operation = registration.operation;
    this.task = registration.task;
    this.data = data;
  }

  get name(): string {
    return this.registration.name;
  }

  get isPromoted(): boolean {
    return this.operation !== this.registration.operation;
  }

  /** Where it is queued, unless it waits for the end of its operation to be promoted. */
  get queue(): ModelQueue {
    if (this.isPromoted) return this.operation.own;
    if (this.registration.until === 'task' && this.task !== undefined) return this.task.untilTask;
    return this.task?.untilOperation ?? this.operation.own;
  }
}
