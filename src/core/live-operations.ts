import { silentExit } from '../api/error-messages.js';
import type { OperationCore } from './operation.js';
import { warn } from './warning.js';

/** The runtimes of this copy of the package that have opened an operation. */
const watched = new Set<WeakRef<LiveOperations>>();

/** The operations that a warning has named. The event comes again where its listeners give the process more to do. */
const named = new WeakSet<OperationCore>();

/** The process ends by itself: nothing is left that an open operation could wait for (G23b). */
const warnOfOpenOperations = (): void => {
  const open = [...watched].flatMap((reference) => reference.deref()?.newestFirst() ?? []);
  const news = open.filter((operation) => !named.has(operation)).toSorted((one, other) => one.id - other.id);
  if (news.length === 0) return;
  for (const operation of news) named.add(operation);
  const rows = news.map((operation) => ({
    operation,
    queued: operation.isUntouched ? [] : operation.order.listAll().map(({ label }) => label),
  }));
  warn(silentExit(rows), 'DEFERQUEUE_SILENT_EXIT');
};

const watch = (live: LiveOperations): void => {
  const { process } = globalThis as { process?: { on?(event: string, listener: () => void): unknown } };
  // A worker that has neither does not end by itself either.
  if (process?.on === undefined || !('WeakRef' in globalThis)) return;
  if (watched.size === 0) process.on('beforeExit', warnOfOpenOperations);
  for (const reference of watched) if (reference.deref() === undefined) watched.delete(reference);
  watched.add(new WeakRef(live));
};

/** The operations of a runtime that have not ended, linked with one another in the order in which they were opened. */
export class LiveOperations {
  #last: OperationCore | undefined;
  #isWatched = false;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  add(operation: OperationCore): void {
    const last = this.#last;
    if (!this.#isWatched) {
      this.#isWatched = true;
      watch(this);
    }
    if (last !== undefined) {
      operation.previous = last;
      last.next = operation;
    }
    this.#last = operation;
  }

  /** Does nothing if the operation is not among them any more. */
  remove(operation: OperationCore): void {
    const { previous, next } = operation;
    if (next !== undefined) next.previous = previous;
    else if (this.#last === operation) this.#last = previous;
    else return;
    if (previous !== undefined) previous.next = next;
    operation.previous = operation.next = undefined;
  }

  /** Lists the last opened first: nested operations before those around them. */
  newestFirst(): OperationCore[] {
    const all: OperationCore[] = [];
    for (let each = this.#last; each !== undefined; each = each.previous) all.push(each);
    return all;
  }
}
