/** An element that knows its neighbours. */
export interface Linked<T> {
  before: T | undefined;
  after: T | undefined;
}

/**
 * The operations of a runtime that have not ended, the first opened first. They are linked with one another: every operation
 * comes and goes here, and nearly always nobody asks.
 * @internal
 */
export class LiveOperations<T extends Linked<T>> {
  #last: T | undefined;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  add(operation: T): void {
    const last = this.#last;
    if (last !== undefined) {
      operation.before = last;
      last.after = operation;
    }
    this.#last = operation;
  }

  /** Does nothing where it is not among them any more. */
  remove(operation: T): void {
    const { before, after } = operation;
    if (after !== undefined) after.before = before;
    else if (this.#last === operation) this.#last = before;
    else return;
    if (before !== undefined) before.after = after;
    operation.before = operation.after = undefined;
  }

  /** The last opened first: nested ones before those that they are nested in. */
  newestFirst(): T[] {
    const all: T[] = [];
    for (let operation = this.#last; operation !== undefined; operation = operation.before)
      all.push(operation);
    return all;
  }
}
