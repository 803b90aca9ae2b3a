import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelMessages, ChannelName } from './channels.js';

/** @internal */
export type Listeners = {
  readonly [Name in ChannelName]?: (message: ChannelMessages[Name]) => void;
};

/**
 * Hears channels of the library, by their names: so whoever listens does not load the runtime. Returns what ends it.
 * @internal
 */
export const listen = (listeners: Listeners): (() => void) => {
  const pairs = Object.entries(listeners) as [ChannelName, (message: unknown) => void][];
  for (const [name, listener] of pairs) subscribe(name, listener);
  return () => {
    for (const [name, listener] of pairs) unsubscribe(name, listener);
  };
};
