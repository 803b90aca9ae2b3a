import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import type { Outcome } from '../core/outcome.js';
import type { OperationReport, WorkReport } from '../core/report.js';
import type { Deferred, Operation, Task, Work } from '../core/surface.js';

/** A work as subscribers get it: what its function gets and the handle that `defer` returned, the same object in each message. */
export type ObservedWork = Work<unknown> & Deferred;

/** What is published, by the name of the channel. */
export interface ChannelMessages {
  /** An operation was opened. Its function has not been called. */
  'deferqueue:operation:open': { readonly operation: Operation };
  /** Its function, its tasks and the operations nested in it have settled. One that is cut short before never gets here. */
  'deferqueue:operation:boundary': { readonly operation: Operation; readonly outcome: Outcome };
  /** It is sealed, and the report is final. */
  'deferqueue:operation:close': { readonly operation: Operation; readonly report: OperationReport };
  /** A task was opened. Its function has not been called. */
  'deferqueue:task:open': { readonly task: Task };
  /** Its function has settled, and its `until: 'task'` works have run. */
  'deferqueue:task:close': { readonly task: Task; readonly outcome: Outcome };
  /** A work was registered, in the context of who did. `trace` is the stack of that call, with `trace: true`. */
  'deferqueue:work:register': { readonly work: ObservedWork; readonly trace: string | undefined };
  /** The function of a work is about to be called. */
  'deferqueue:work:start': { readonly work: ObservedWork };
  /** A work has ended, whether or not it ever started. */
  'deferqueue:work:end': { readonly work: ObservedWork; readonly report: WorkReport };
}

/** The name of a channel of the library. */
export type ChannelName = keyof ChannelMessages;

/** @internal */
export type Announcements<Name extends ChannelName = ChannelName> = Channel & { readonly name: Name };

const named = <Name extends ChannelName>(name: Name): Announcements<Name> =>
  channel(name) as Announcements<Name>;

// Channels of `node:diagnostics_channel`: every copy of the package has them in common.

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

/** Whether anybody listens, which is asked before a message is made. In workerd it is a function that tells. @internal */
export const heard = (by: Channel): boolean => {
  const has = by.hasSubscribers as boolean | (() => boolean);
  return has && (has === true || has.call(by));
};

/** Tells the subscribers. What one of them throws is an uncaught exception everywhere, as Node.js makes it one. @internal */
export const publish = <Name extends ChannelName>(
  to: Announcements<Name>,
  message: ChannelMessages[Name],
): void => {
  try {
    to.publish(message);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
