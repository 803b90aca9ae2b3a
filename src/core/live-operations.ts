import type { OperationCore } from './operation.js';

/** The operations of a runtime that have not ended, linked with one another in the order in which they were opened. */
export class LiveOperations {
  #last: OperationCore | undefined;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  add(operation: OperationCore): void {
    const last = this.#last;
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
