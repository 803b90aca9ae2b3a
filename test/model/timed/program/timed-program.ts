/** How a function of a program hands back what it does: at once, as a promise, or as a thenable of its own. */
export type Mode = 'sync' | 'async' | 'thenable';

/** A function of a program: what it does, and how it ends. One that is `sync` starts things and waits for nothing. */
export interface Body {
  readonly mode: Mode;
  readonly statements: readonly Statement[];
  readonly ends: 'returns' | 'throws';
}

/** No signal, one that is aborted already, or one that an `abort` statement may abort later. */
export type SignalPlan = 'none' | 'aborted' | 'later';

/** An `undefined` field is an option that is not given. Durations are in units, so that no two deadlines coincide. */
export interface DeferPlan {
  readonly on: 'success' | 'failure' | 'always' | undefined;
  readonly until: 'task' | 'operation' | 'root' | undefined;
  /** Not given, `null`, or one of those that were opened so far. */
  readonly task: 'default' | 'null' | number;
  readonly key: string | undefined;
  readonly coalesce: 'first' | 'last' | 'merge' | undefined;
  readonly discard: Body | undefined;
  readonly signal: SignalPlan;
  readonly timeout: number | undefined;
}

export interface OperationPlan {
  readonly nesting: 'nested' | 'join' | 'detached' | undefined;
  readonly order: 'fifo' | 'lifo' | undefined;
  readonly concurrency: number | undefined;
  readonly drainTimeout: number | undefined;
  readonly maxPending: number | undefined;
  readonly workErrors: 'throw' | 'report' | undefined;
  readonly hears: boolean;
  readonly full: boolean;
  readonly signal: SignalPlan;
}

/** On whom a statement calls: whatever is current, or one of the operations so far. */
export type Via = 'ambient' | number;

/** Whether the function waits for what it has started, and whether it catches what that rejects with. */
export interface Awaiting {
  readonly awaited: boolean;
  readonly caught: boolean;
}

export type OperationStatement = {
  readonly kind: 'operation';
  readonly settle: boolean;
  readonly plan: OperationPlan;
  readonly body: Body;
} & Awaiting;

export type DeferStatement = {
  readonly kind: 'defer';
  readonly via: Via;
  readonly plan: DeferPlan;
  readonly run: Body;
  /** Whether its `settled` is asked for at once, and not only at the end. */
  readonly watched: boolean;
};

/** Numbers name what there is so far: the n-th work, operation, task, … modulo how many there are. */
export type Statement =
  | DeferStatement
  | OperationStatement
  | ({
      readonly kind: 'task';
      readonly concurrency: number | undefined;
      readonly body: Body;
    } & Awaiting)
  | { readonly kind: 'use'; readonly via: Via; readonly isAsync: boolean; readonly dispose: Body }
  | ({ readonly kind: 'flush'; readonly via: Via } & Awaiting)
  | { readonly kind: 'cancel'; readonly work: number }
  | { readonly kind: 'abort'; readonly signal: number }
  | { readonly kind: 'look' }
  | { readonly kind: 'open'; readonly plan: OperationPlan }
  | ({ readonly kind: 'run'; readonly opened: number; readonly body: Body } & Awaiting)
  | { readonly kind: 'fail'; readonly opened: number }
  | ({ readonly kind: 'close'; readonly opened: number } & Awaiting)
  /** A function that nobody waits for, and that may outlive everything around it. */
  | { readonly kind: 'spawn'; readonly body: Body }
  | { readonly kind: 'shutdown'; readonly grace: number | undefined }
  | Waiting;

/** What a function waits for: a gate that the schedule opens, fake time, its signal or a gate, or nothing that comes. */
export type Waiting =
  | { readonly kind: 'gate' }
  | { readonly kind: 'sleep'; readonly units: number }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'never' };

export interface TimedProgram {
  /** Started one after the other, outside any operation; nobody waits for any of them. */
  readonly statements: readonly Statement[];
  /** By how many units each `time` event of the schedule advances the clock. */
  readonly times: readonly number[];
}
