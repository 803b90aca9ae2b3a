import type { FailedWork } from './errors.js';
import type { WorkReport } from './report.js';

/**
 * Says on the process's warning channel what nobody else would hear.
 * @internal
 */
export const warn = (message: string, code: string, cause?: unknown): void => {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  const warning = Object.assign(error, { name: 'DeferqueueWarning', code });
  process.emitWarning(warning);
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
    this.list.push({ label, error });
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
