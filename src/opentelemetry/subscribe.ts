import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { diag } from '@opentelemetry/api';
import type { ChannelMessages, ChannelName } from '../index.js';

/** One function for each channel that is listened to. @internal */
export type Listeners = { readonly [Name in ChannelName]?: (message: ChannelMessages[Name]) => void };

/**
 * Listens until what it returns is called. What a listener throws would be an uncaught exception of the process, so it goes to the
 * logger of OpenTelemetry.
 * @internal
 */
export const listen = (listeners: Listeners): (() => void) => {
  const all = Object.entries(listeners).map(([name, listener]) => {
    const guarded = (message: unknown): void => {
      try {
        (listener as (message: unknown) => void)(message);
      } catch (error) {
        diag.error(`deferqueue: ${name} could not be told`, error);
      }
    };
    subscribe(name, guarded);
    return { name, guarded };
  });
  return () => {
    for (const { name, guarded } of all) unsubscribe(name, guarded);
  };
};
