import { describe } from '../api/error-messages.js';
import { OperationClosedError } from '../api/errors.js';
import { hasSubscribers, publish, workRefused } from '../observability/channels.js';
import type { OperationCore } from './operation.js';

/** Emits a process warning, for what would otherwise reach no code. Falls back to the console. */
export const warn = (message: string, code: string, cause?: unknown): void => {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  const warning = Object.assign(error, { name: 'DeferqueueWarning', code });
  // In a worker with an early compatibility date, `process` cannot warn.
  const { process } = globalThis as { process?: Partial<Emitter> };
  if (typeof process?.emitWarning === 'function') emit(process as Emitter, warning);
  // oxlint-disable-next-line eslint/no-console -- there is no other channel left
  else console.warn(warning);
};

interface Emitter {
  emitWarning(warning: Error | string, options?: object): void;
}

/** Node.js takes no error of another realm, such as that of a test in Jest. There the text has to do (G26). */
const emit = (process: Emitter, warning: Error & { readonly code: string }): void => {
  try {
    process.emitWarning(warning);
  } catch {
    const { message, name, code, cause } = warning;
    const detail = cause === undefined ? undefined : describe(cause);
    process.emitWarning(message, { type: name, code, detail });
  }
};

/**
 * Returns the error for a registration that comes too late. The caller may be code whose errors reach no one, so each is
 * published, and the first one of an operation is a process warning (G9).
 */
export const refusal = (
  what: 'defer' | 'use',
  operation: OperationCore,
  name: string | undefined,
): OperationClosedError => {
  const error = new OperationClosedError(what, operation);
  if (hasSubscribers(workRefused)) publish(workRefused, { operation, name, error });
  if (!operation.hasRefused) {
    operation.hasRefused = true;
    const named = name === undefined ? '' : ` ${JSON.stringify(name)}`;
    const lost = what === 'defer' ? `The work item${named} will not run` : 'A resource is not kept';
    warn(`${lost}: ${error.message}`, 'DEFERQUEUE_WORK_REFUSED', error);
  }
  return error;
};
