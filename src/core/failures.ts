import type { FailedWork } from './errors.js';
import type { WorkReport } from './report.js';

/**
 * Says on the process's warning channel what nobody else would hear, or on the console where there is no such channel.
 * @internal
 */
export const warn = (message: string, code: string, cause?: unknown): void => {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  const warning = Object.assign(error, { name: 'DeferqueueWarning', code });
  // In a worker with an early compatibility date, `process` cannot warn.
  const { process } = globalThis as { process?: { emitWarning?(warning: Error): void } };
  if (typeof process?.emitWarning === 'function') process.emitWarning(warning);
  // oxlint-disable-next-line eslint/no-console -- nothing else is left to tell it to
  else console.warn(warning);
};

/**
 * The failures of one operation's works, in the order in which they happened (G20, G21).
 * @internal
 */
export class Failures {
  readonly list: FailedWork[] = [];
  readonly #listener: ((error: unknown, work: WorkReport) => unknown) | undefined;

  constructor(listener: ((error: unknown, work: WorkReport) => unknown) | undefined) {
    this.#listener = listener;
  }

  /** Whether every failure has been told to somebody. */
  get heard(): boolean {
    return this.#listener !== undefined;
  }

  add(label: string, error: unknown, work: WorkReport): void {
    this.list.push({ label, error, trace: work.trace });
    const listener = this.#listener;
    if (listener === undefined) return;
    try {
      const answer = listener(error, work);
      if (answer instanceof Promise) answer.catch(listenerFailed);
    } catch (thrown) {
      listenerFailed(thrown);
    }
  }
}

const listenerFailed = (thrown: unknown): void => {
  warn('onWorkError itself failed', 'DEFERQUEUE_LISTENER_FAILED', thrown);
};
