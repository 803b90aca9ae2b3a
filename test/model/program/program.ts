import type { OperationOptions } from 'deferqueue';

/** How a function of a program hands back what it does: at once, as a promise, or as a thenable of its own. */
export type BodyMode = 'sync' | 'async' | 'thenable';

/** A function of a program: what it does, and how it ends. `ticks` are already resolved promises awaited before the end. */
export interface Body {
  readonly mode: BodyMode;
  readonly statements: readonly Statement[];
  readonly ticks: number;
  readonly ends: 'returns' | 'throws' | 'throws undefined';
}

/** No signal, one that is aborted already, or one that an `abort` statement may abort later. */
export type SignalPlan = 'none' | 'aborted' | 'later';

export type Coalescing = 'first' | 'last' | 'merges' | 'throws' | 'spoils its copies';

/** An `undefined` field is an option that is not given. */
export interface DeferPlan {
  readonly name: string | undefined;
  readonly data: number | undefined;
  readonly on: 'success' | 'failure' | 'always' | undefined;
  readonly until: 'task' | 'operation' | 'root' | undefined;
  readonly outcomeOf: 'path' | 'operation' | undefined;
  /** Not given, `null`, the current task, or one of those that were opened so far. */
  readonly task: 'default' | 'null' | 'current' | number;
  readonly key: string | undefined;
  readonly coalesce: Coalescing | undefined;
  readonly discard: Body | undefined;
  readonly signal: SignalPlan;
  readonly mistake: 'none' | 'an unknown outcome' | 'data that cannot be cloned';
}

export interface OperationPlan {
  readonly name: string | undefined;
  readonly nesting: OperationOptions['nesting'];
  readonly order: OperationOptions['order'];
  readonly maxPending: number | undefined;
  readonly maxChain: number | undefined;
  readonly workErrors: OperationOptions['workErrors'];
  readonly report: OperationOptions['report'];
  readonly onWorkError: 'none' | 'hears' | 'throws';
  readonly signal: SignalPlan;
}

/** On whom a statement calls: the current operation, or one that was entered so far, by its number. */
export type Via = 'ambient' | number;

/** Numbers name what there is so far: the n-th work, operation, task, … modulo how many there are. */
export type Statement =
  | ({ readonly kind: 'defer'; readonly via: Via; readonly plan: DeferPlan; readonly run: Body } & Call)
  | ({
      readonly kind: 'use';
      readonly via: Via;
      readonly by: 'dispose' | 'asyncDispose' | 'both';
      readonly until: 'task' | 'operation' | undefined;
      readonly dispose: Body;
    } & Call)
  | ({ readonly kind: 'cancel'; readonly work: number } & Call)
  | { readonly kind: 'abort'; readonly signal: number }
  | { readonly kind: 'look'; readonly work: number }
  | { readonly kind: 'probe' }
  | { readonly kind: 'capture' }
  | ({ readonly kind: 'fail'; readonly opened: number } & Call)
  | AwaitingStatement;

export type AwaitingStatement =
  | { readonly kind: 'tick'; readonly ticks: number }
  | ({ readonly kind: 'flush'; readonly via: Via } & Call)
  | ({
      readonly kind: 'operation';
      readonly settle: boolean;
      readonly plan: OperationPlan;
      readonly body: Body;
    } & Call)
  | ({ readonly kind: 'task'; readonly name: string | undefined; readonly body: Body } & Call)
  | ({ readonly kind: 'open'; readonly plan: OperationPlan } & Call)
  | ({ readonly kind: 'run'; readonly via: number | 'outside'; readonly body: Body } & Call)
  | ({ readonly kind: 'close'; readonly opened: number } & Call)
  | ({ readonly kind: 'leaked'; readonly capture: number; readonly body: Body } & Call)
  | { readonly kind: 'together'; readonly awaited: boolean; readonly strands: readonly StrandStatement[] };

export type DeferStatement = Extract<Statement, { readonly kind: 'defer' }>;

export type StrandStatement = Extract<AwaitingStatement, { readonly kind: 'operation' | 'task' }>;

/** What every call has: whether what it throws is caught, and a foreign context in which it is made. */
export interface Call {
  readonly caught: boolean;
  readonly foreign: string | undefined;
}

/** Every statement of the list runs one after the other, outside any operation. */
export type Program = readonly Statement[];

const awaiting = new Set<string>([
  'tick',
  'flush',
  'operation',
  'task',
  'open',
  'run',
  'close',
  'leaked',
  'together',
] satisfies AwaitingStatement['kind'][]);

export const isAwaiting = (statement: Statement): statement is AwaitingStatement =>
  awaiting.has(statement.kind);
