import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelMessages, ChannelName } from './channels.js';

/** Listeners, by the name of their channel. @internal */
export type Listeners = {
  readonly [Name in ChannelName]?: (message: ChannelMessages[Name]) => void;
};

/**
 * Subscribes to channels of the library by name, so that a subscriber does not load the runtime.
 * `failed` is called with what a listener throws, which would otherwise be an uncaught exception of
 * the process. Returns a function that unsubscribes all listeners.
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
