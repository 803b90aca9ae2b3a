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
  #first: T | undefined;
  #last: T | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(operation: T): void {
    operation.before = this.#last;
    if (this.#last === undefined) this.#first = operation;
    else this.#last.after = operation;
    this.#last = operation;
  }

  /** Does nothing where it is not among them any more. */
  remove(operation: T): void {
    const { before, after } = operation;
    if (before === undefined && this.#first !== operation) return;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
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
