import type { Outcome } from '../api/outcome.js';
import type { OperationReport, WorkReport } from '../api/report.js';
import type { Deferred, Operation, Task, Work } from '../api/types.js';

/**
 * A work item as subscribers receive it. One object is both the argument of its function and the
 * handle that `defer` returned.
 */
export type ObservedWork = Work<unknown> & Deferred;

/** The message of an operation that was opened. */
export interface OperationMessage {
  /** The operation. */
  readonly operation: Operation;
}

/** The message of an operation at its boundary. */
export interface BoundaryMessage extends OperationMessage {
  /** How its function settled. */
  readonly outcome: Outcome;
}

/** The message of an operation that was closed. */
export interface CloseMessage extends OperationMessage {
  /** What became of each of its work items. */
  readonly report: OperationReport;
}

/** The message of a task that was opened. */
export interface TaskMessage {
  /** The task. */
  readonly task: Task;
}

/** The message of a task that was closed. */
export interface TaskCloseMessage extends TaskMessage {
  /** How its function settled. */
  readonly outcome: Outcome;
}

/** The message of a work item that starts. */
export interface WorkMessage {
  /** The work item. */
  readonly work: ObservedWork;
}

/** The message of a work item that was registered. */
export interface RegisterMessage extends WorkMessage {
  /** The stack of the call that registered it, without a head line. Only with `trace: true`. */
  readonly trace: string | undefined;
}

/** The message of a work item that has ended. */
export interface EndMessage extends WorkMessage {
  /** What became of it. */
  readonly report: WorkReport;
}

/** The message of a registration that was refused because its operation had ended. */
export interface RefusedMessage extends OperationMessage {
  /** The name of the work item, else that of its function; for `use`, that of the disposal. */
  readonly name: string | undefined;
  /** What the call threw. */
  readonly error: Error;
}

/** The messages, by the name of their channel. */
export interface ChannelMessages {
  /** An operation was opened. Its function has not been called. */
  'deferqueue:operation:open': OperationMessage;
  /**
   * Its function, its tasks and its nested operations have settled. Not published for a savepoint, which has
   * no boundary, and for an operation that is terminated before its own.
   */
  'deferqueue:operation:boundary': BoundaryMessage;
  /** It is sealed, and the report is final. */
  'deferqueue:operation:close': CloseMessage;
  /** A task was opened. Its function has not been called. */
  'deferqueue:task:open': TaskMessage;
  /** Its function has settled, and its `until: 'task'` work has run. */
  'deferqueue:task:close': TaskCloseMessage;
  /** A work item was registered, in the context of the call. */
  'deferqueue:work:register': RegisterMessage;
  /** The function of a work item is about to be called. */
  'deferqueue:work:start': WorkMessage;
  /** A work item has ended, whether or not it ever started. */
  'deferqueue:work:end': EndMessage;
  /** A `defer` or `use` was refused, since the operation had ended. In the context of the call. */
  'deferqueue:work:refused': RefusedMessage;
}

/** The name of a channel of the library. */
export type ChannelName = keyof ChannelMessages;

/** What the library uses of a channel of `node:diagnostics_channel`. @internal */
export interface Channel<Name extends ChannelName = ChannelName> {
  /** A function in workerd. */
  readonly hasSubscribers: boolean | ((this: unknown) => boolean);
  publish?(message: ChannelMessages[Name]): void;
}

interface Platform {
  getBuiltinModule?(name: string): { channel(name: string): Channel };
}

// Not imported: some workers lack the module. They have no subscribers.
const { process } = globalThis as { process?: Platform };
const diagnostics = process?.getBuiltinModule?.('node:diagnostics_channel');

/** Returns the channel of that name. All copies of the package share it. */
const channel = <Name extends ChannelName>(name: Name): Channel<Name> =>
  diagnostics?.channel(name) ?? { hasSubscribers: false };

/** @internal */
export const operationOpen = channel('deferqueue:operation:open');
/** @internal */
export const operationBoundary = channel('deferqueue:operation:boundary');
/** @internal */
export const operationClose = channel('deferqueue:operation:close');
/** @internal */
export const taskOpen = channel('deferqueue:task:open');
/** @internal */
export const taskClose = channel('deferqueue:task:close');
/** @internal */
export const workRegister = channel('deferqueue:work:register');
/** @internal */
export const workStart = channel('deferqueue:work:start');
/** @internal */
export const workEnd = channel('deferqueue:work:end');
/** @internal */
export const workRefused = channel('deferqueue:work:refused');

/** Whether a channel has subscribers. Check it before building a message. @internal */
export const hasSubscribers = (of: Channel<never>): boolean => {
  const has = of.hasSubscribers;
  return has && (has === true || has.call(of));
};

/**
 * Publishes a message. What a subscriber throws becomes an uncaught exception on every runtime, as
 * on Node.js.
 * @internal
 */
export const publish = <Name extends ChannelName>(
  to: Channel<Name>,
  message: ChannelMessages[Name],
): void => {
  try {
    to.publish?.(message);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
