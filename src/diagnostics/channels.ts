import type { Outcome } from '../core/outcome.js';
import type { OperationReport, WorkReport } from '../core/report.js';
import type { Deferred, Operation, Task, Work } from '../core/surface.js';

/** A work as subscribers get it: what its function gets and the handle that `defer` returned, the same object in each message. */
export type ObservedWork = Work<unknown> & Deferred;

/** What is told of an operation when it is opened. */
export interface OperationMessage {
  /** The operation. */
  readonly operation: Operation;
}

/** What is told of an operation at its boundary. */
export interface BoundaryMessage extends OperationMessage {
  /** How its function settled. */
  readonly outcome: Outcome;
}

/** What is told of an operation when it is closed. */
export interface CloseMessage extends OperationMessage {
  /** What became of every work of it. */
  readonly report: OperationReport;
}

/** What is told of a task when it is opened. */
export interface TaskMessage {
  /** The task. */
  readonly task: Task;
}

/** What is told of a task when it is closed. */
export interface TaskCloseMessage extends TaskMessage {
  /** How its function settled. */
  readonly outcome: Outcome;
}

/** What is told of a work when it is started. */
export interface WorkMessage {
  /** The work. */
  readonly work: ObservedWork;
}

/** What is told of a work when it is registered. */
export interface RegisterMessage extends WorkMessage {
  /** The stack of the call that registered it, without a head line; with `trace: true`. */
  readonly trace: string | undefined;
}

/** What is told of a work when it has ended. */
export interface EndMessage extends WorkMessage {
  /** What became of it. */
  readonly report: WorkReport;
}

/** What is published, by the name of the channel. */
export interface ChannelMessages {
  /** An operation was opened. Its function has not been called. */
  'deferqueue:operation:open': OperationMessage;
  /** Its function, its tasks and the operations nested in it have settled. One that is cut short before never gets here. */
  'deferqueue:operation:boundary': BoundaryMessage;
  /** It is sealed, and the report is final. */
  'deferqueue:operation:close': CloseMessage;
  /** A task was opened. Its function has not been called. */
  'deferqueue:task:open': TaskMessage;
  /** Its function has settled, and its `until: 'task'` works have run. */
  'deferqueue:task:close': TaskCloseMessage;
  /** A work was registered, in the context of who did. */
  'deferqueue:work:register': RegisterMessage;
  /** The function of a work is about to be called. */
  'deferqueue:work:start': WorkMessage;
  /** A work has ended, whether or not it ever started. */
  'deferqueue:work:end': EndMessage;
}

/** The name of a channel of the library. */
export type ChannelName = keyof ChannelMessages;

/** A channel of `node:diagnostics_channel`, as far as it is used here. @internal */
export interface Announcements<Name extends ChannelName = ChannelName> {
  /** In workerd a function. */
  readonly hasSubscribers: boolean | ((this: unknown) => boolean);
  publish?(message: ChannelMessages[Name]): void;
}

interface Platform {
  getBuiltinModule?(name: string): { channel(name: string): Announcements };
}

// Not imported: some workers have no such module, and there is nobody to listen then.
const { process } = globalThis as { process?: Platform };
const diagnostics = process?.getBuiltinModule?.('node:diagnostics_channel');

/** The channel of that name, which all copies of the package have in common. */
const named = <Name extends ChannelName>(name: Name): Announcements<Name> =>
  diagnostics?.channel(name) ?? { hasSubscribers: false };

/** @internal */
export const operationOpen = named('deferqueue:operation:open');
/** @internal */
export const operationBoundary = named('deferqueue:operation:boundary');
/** @internal */
export const operationClose = named('deferqueue:operation:close');
/** @internal */
export const taskOpen = named('deferqueue:task:open');
/** @internal */
export const taskClose = named('deferqueue:task:close');
/** @internal */
export const workRegister = named('deferqueue:work:register');
/** @internal */
export const workStart = named('deferqueue:work:start');
/** @internal */
export const workEnd = named('deferqueue:work:end');

/** Whether anybody listens, which is asked before a message is made. @internal */
export const heard = (by: Announcements<never>): boolean => {
  const has = by.hasSubscribers;
  return has && (has === true || has.call(by));
};

/** Tells the subscribers. What one of them throws is an uncaught exception everywhere, as Node.js makes it one. @internal */
export const publish = <Name extends ChannelName>(
  to: Announcements<Name>,
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
