import type { EndState, OperationOptions, OperationReport, WorkReport } from 'deferqueue';
import type { OperationView, Run, TaskView, WorkOptions } from '../program/subject.js';
import { Ledger } from './ledger.js';
import { ModelSignal } from './model-signal.js';
import type { ModelOutcome } from './outcome.js';
import { Queue } from './queue.js';

// Operations, tasks and works know each other, so they stand together: what they are. What happens to them is told
// in the other files, a guarantee at a time.

type State = 'open' | 'draining' | 'closed';
type Until = 'task' | 'operation' | 'root';

/** What an `AsyncLocalStorage` would transport. */
export interface Context {
  readonly operation: ModelOperation | undefined;
  readonly task: ModelTask | undefined;
  /** The work that is being performed, which what is deferred here stands behind in the chain of works. */
  readonly by: ModelWork | undefined;
  /** What another `AsyncLocalStorage` holds. */
  readonly foreign: string | undefined;
}

export class ModelResource {
  readonly dispose: () => unknown;
  readonly context: Context;

  constructor(dispose: () => unknown, context: Context) {
    this.dispose = dispose;
    this.context = context;
  }

  /** The same in the operation around a savepoint, where it is of no task. */
  movedTo(operation: ModelOperation): ModelResource {
    return new ModelResource(this.dispose, { ...this.context, operation, task: undefined, by: undefined });
  }
}

/** One call tree with a boundary: its queues, its ledger, its failures. */
export class ModelOperation {
  readonly name: string | undefined;
  readonly options: OperationOptions;
  readonly parent: ModelOperation | undefined;
  readonly root: ModelOperation;
  /** Whether what it has waits for the operation around it. */
  readonly isSavepoint: boolean;
  readonly savepoints: ModelOperation[] = [];
  /** The work that opened it, or one around it. */
  readonly openedBy: ModelWork | undefined;
  /** The operation as programs see it. */
  readonly view: OperationView;
  readonly signal = new ModelSignal();
  readonly tasks: ModelTask[] = [];
  readonly untilOperation: Queue<ModelWork>;
  readonly untilRoot = new Queue<ModelWork>();
  readonly resources: ModelResource[] = [];
  readonly ledger = new Ledger();
  readonly failures: unknown[] = [];
  state: State = 'open';
  outcome: ModelOutcome | undefined;
  /** What `fail` said before the boundary. */
  failed: ModelOutcome | undefined;
  /** Whether a registration came too late, which the process is warned of once. */
  hasRefused = false;
  /** How many of its works are being performed: `close` would wait for them. */
  running = 0;
  /** Functions, tasks, nested operations and disposers of it that are being performed: `close` waits for them too. */
  live = 0;

  constructor(
    options: OperationOptions,
    parent: ModelOperation | undefined,
    by: ModelWork | undefined,
    see: (operation: ModelOperation) => OperationView,
  ) {
    this.name = options.name;
    this.options = options;
    this.parent = parent;
    this.root = parent?.root ?? this;
    this.isSavepoint = parent !== undefined && options.nesting === 'savepoint';
    this.openedBy = parent && (by ?? parent.openedBy);
    if (this.isSavepoint) parent?.savepoints.push(this);
    this.untilOperation = new Queue(this.isSavepoint ? 'fifo' : options.order);
    this.signal.follow(options.signal);
    this.signal.follow(parent?.signal);
    this.view = see(this);
  }

  /** How its function settled, as soon as that is known. */
  get known(): ModelOutcome | undefined {
    return this.outcome ?? this.failed;
  }

  /** The operation whose boundary its works wait for. */
  get boundary(): ModelOperation {
    return this.isSavepoint ? this.parent!.boundary : this;
  }

  /** What `maxPending` bounds. */
  get load(): number {
    const open = this.savepoints.filter(({ state }) => state !== 'closed');
    return open.reduce((sum, savepoint) => sum + savepoint.load, this.pending);
  }

  /** The operation whose `maxPending` allows no more. */
  get full(): ModelOperation | undefined {
    if (this.load >= (this.options.maxPending ?? Infinity)) return this;
    return this.isSavepoint ? this.parent!.full : undefined;
  }

  /** The operations around it, and itself. */
  get around(): ModelOperation[] {
    return [this, ...(this.parent?.around ?? [])];
  }

  get pending(): number {
    const ofTask = ({ untilTask, untilOperation }: ModelTask): number =>
      untilTask.works.length + untilOperation.works.length;
    const own = this.untilOperation.works.length + this.untilRoot.works.length;
    return this.tasks.reduce((sum, task) => sum + ofTask(task), own);
  }

  report(): OperationReport {
    return this.ledger.report(this.name, this.outcome?.status !== 'rejected', this.options.report === 'full');
  }
}

/** A participant of an operation, with a queue for each boundary that its works may wait for. */
export class ModelTask implements TaskView {
  readonly name: string | undefined;
  readonly owner: ModelOperation;
  /** Of the call that opened it: what others bind to the task runs in that context. */
  readonly foreign: string | undefined;
  readonly untilTask = new Queue<ModelWork>();
  readonly untilOperation = new Queue<ModelWork>();
  readonly resources: ModelResource[] = [];
  readonly signal = new ModelSignal();
  state: State = 'open';

  constructor(name: string | undefined, owner: ModelOperation, { foreign }: Context) {
    this.name = name;
    this.owner = owner;
    this.foreign = foreign;
    this.signal.follow(owner.signal);
  }

  get operation(): OperationView {
    return this.owner.view;
  }
}

export interface Registration {
  readonly run: Run;
  readonly options: WorkOptions;
  readonly operation: ModelOperation;
  readonly task: ModelTask | undefined;
  readonly until: Until;
  /** The work that deferred it, or that opened its operation. */
  readonly behind: ModelWork | undefined;
  readonly foreign: string | undefined;
}

/** One deferred function, from its registration to its end. */
export class ModelWork {
  readonly registration: Registration;
  readonly on: 'success' | 'failure' | 'always';
  readonly signal = new ModelSignal();
  /** Where it waits: another than where it was registered, and no task, once it is promoted. */
  operation: ModelOperation;
  task: ModelTask | undefined;
  data: unknown;
  /** When it came to the operation in which it waits. */
  order: number;
  /** How many works stand in the chain up to it, since its root was opened. */
  readonly depth: number;
  /** Whether its own operation alone judges it, though it waits for the root. */
  readonly isJudgedAlone: boolean;
  /** Whether it was to become one with another and is queued beside it, since the merge threw. */
  isUnmerged = false;
  /** Whether its function or its discard is being performed. */
  isEntered = false;
  state: 'queued' | 'running' | Exclude<EndState, 'promoted'> = 'queued';
  report: WorkReport | undefined;

  constructor(registration: Registration, order: number) {
    this.registration = registration;
    this.order = order;
    this.depth = (registration.behind?.depth ?? 0) + 1;
    const { operation, until, options } = registration;
    this.isJudgedAlone =
      until === 'root' && options.outcomeOf === 'operation' && operation.boundary !== operation.root;
    this.on = registration.options.on ?? 'always';
    this.operation = registration.operation;
    this.task = registration.task;
    this.data = structuredClone(registration.options.data);
  }

  get queue(): Queue<ModelWork> {
    if (this.operation !== this.registration.operation) return this.operation.untilOperation;
    const { until } = this.registration;
    if (until === 'task' && this.task !== undefined) return this.task.untilTask;
    return until === 'root' ? this.operation.untilRoot : (this.task ?? this.operation).untilOperation;
  }

  /** Its row in a ledger. */
  row(state: EndState, reason?: unknown): WorkReport {
    const { name, key } = this.registration.options;
    return {
      name,
      state,
      ...(reason === undefined ? undefined : { reason }),
      ...(this.task?.name === undefined ? undefined : { task: this.task.name }),
      ...(key === undefined ? undefined : { key }),
    };
  }
}
