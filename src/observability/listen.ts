import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelMessages, ChannelName } from './channels.js';

/** One function for each channel that is listened to. @internal */
export type Listeners = {
  readonly [Name in ChannelName]?: (message: ChannelMessages[Name]) => void;
};

/**
 * Hears channels of the library, by their names: so whoever listens does not load the runtime. What a listener throws would be an
 * uncaught exception of the process, so it goes to `failed`. Returns what ends it.
 * @internal
 */
export const listen = (
  listeners: Listeners,
  failed: (name: ChannelName, error: unknown) => void,
): (() => void) => {
  const all = Object.entries(listeners).map(([key, listener]) => {
    const name = key as ChannelName;
    const guarded = (message: unknown): void => {
      try {
        (listener as (message: unknown) => void)(message);
      } catch (error) {
        failed(name, error);
      }
    };
    subscribe(name, guarded);
    return { name, guarded };
  });
  return () => {
    for (const { name, guarded } of all) unsubscribe(name, guarded);
  };
};
