import { silentExit } from '../api/error-messages.js';
import type { OperationCore } from './operation.js';
import { warn } from './warning.js';

/** The first runtime of this copy of the package that has opened an operation: the process-wide default. */
let first: LiveOperations | undefined;

/** The other runtimes that have live operations. What hangs in one may be reachable from nowhere else. */
const others = new Set<LiveOperations>();

/** The operations that a warning has named. The event comes again where its listeners give the process more to do. */
const named = new WeakSet<OperationCore>();

/** The process ends by itself: nothing is left that an open operation could wait for (G23b). */
const warnOfOpenOperations = (): void => {
  const open = [...(first?.newestFirst() ?? []), ...[...others].flatMap((each) => each.newestFirst())];
  // One that was terminated has been reported.
  const isNews = (operation: OperationCore): boolean => operation.state !== 'closed' && !named.has(operation);
  const news = open.filter(isNews).toSorted((one, other) => one.id - other.id);
  if (news.length === 0) return;
  for (const operation of news) named.add(operation);
  const rows = news.map((operation) => ({
    operation,
    queued: operation.isUntouched ? [] : operation.order.listAll().map(({ label }) => label),
  }));
  warn(silentExit(rows), 'DEFERQUEUE_SILENT_EXIT');
};

const watch = (live: LiveOperations): void => {
  if (first !== undefined) return void others.add(live);
  first = live;
  const { process } = globalThis as { process?: { on?(event: string, listener: () => void): unknown } };
  process?.on?.('beforeExit', warnOfOpenOperations);
};

/** The operations of a runtime that have not ended, linked with one another in the order in which they were opened. */
export class LiveOperations {
  #last: OperationCore | undefined;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  add(operation: OperationCore): void {
    const last = this.#last;
    if (last === undefined && first !== this) watch(this);
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
    if (this.#last === undefined && first !== this) others.delete(this);
  }

  /** Lists the last opened first: nested operations before those around them. */
  newestFirst(): OperationCore[] {
    const all: OperationCore[] = [];
    for (let each = this.#last; each !== undefined; each = each.previous) all.push(each);
    return all;
  }
}
