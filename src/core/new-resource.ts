import { AsyncResource } from 'node:async_hooks';
import type { AsyncResourceOptions } from 'node:async_hooks';

/** What Node.js takes where nothing is given, as an object that it is quick to read. @internal */
export const RESOURCE_OPTIONS = {
  triggerAsyncId: undefined,
  requireManualDestroy: false,
} as unknown as AsyncResourceOptions;

/** Captures the context of the caller. @internal */
export const newResource = (type: string): AsyncResource => new AsyncResource(type, RESOURCE_OPTIONS);
