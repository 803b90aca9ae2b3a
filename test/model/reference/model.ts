import type { WorkReport } from 'deferqueue';
import type { Context, ModelOperation } from './entities.js';

/**
 * What every part of the model shares: the context of what is being performed (since the model knows no time, there is
 * only one at once), what the process was warned of, and what it cannot tell.
 */
export class Model {
  #count = 0;
  context: Context = { operation: undefined, task: undefined, by: undefined, foreign: undefined };
  readonly warnings: { readonly cause?: unknown }[] = [];
  /** How many captured contexts have been entered and not left. */
  captured = 0;
  /** Questions that the contract leaves open and that this program asks: it is compared with nothing. */
  readonly undecided = new Set<string>();

  within<R>(context: Context, fn: () => R): R {
    const outer = this.context;
    this.context = context;
    try {
      return fn();
    } finally {
      this.context = outer;
    }
  }

  /** Counts what is registered and promoted. */
  next(): number {
    return ++this.#count;
  }

  /** G9: the process is warned of the first registration that comes too late. */
  refuse(operation: ModelOperation): void {
    if (!operation.hasRefused) this.warnings.push({});
    operation.hasRefused = true;
  }

  /** G20, G21: a failure stops nothing, is kept, and is heard at once. */
  fail(operation: ModelOperation, error: unknown, row: WorkReport): void {
    operation.failures.push(error);
    try {
      operation.options.onWorkError?.(error, row, operation as never);
    } catch {
      this.warnings.push({});
    }
  }
}
