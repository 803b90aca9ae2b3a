import type { Framed } from './chain.js';

/**
 * What the carrier carries in `operation.run`, where the operation alone does not tell enough: that the caller is
 * in a work, and whether `close` waits for the run.
 * @internal
 */
export class RunScope<Operation extends RunHost, Task> implements Framed<Operation, Task> {
  readonly operation: Operation;
  readonly frame: Framed<Operation, Task>['frame'];
  readonly place: Framed<Operation, Task>['place'];
  readonly #outer: Framed<Operation, Task> | undefined;
  #state: 'entered' | 'pending' | 'ended' = 'entered';

  constructor(
    operation: Operation,
    frame: Framed<Operation, Task>['frame'],
    place: Framed<Operation, Task>['place'],
    outer: Framed<Operation, Task> | undefined,
  ) {
    this.operation = operation;
    this.frame = frame;
    this.place = place;
    this.#outer = outer;
  }

  get task(): undefined {
    return undefined;
  }

  /** From here on `close` waits for it. */
  pend(): void {
    if (this.#state !== 'entered') return;
    this.#state = 'pending';
    this.operation.active++;
  }

  end(): void {
    if (this.#state === 'pending') this.operation.leave();
    this.#state = 'ended';
  }

  /** Ends it and the runs that it is called in: it has called `close`, which then cannot wait for them. */
  endAll(): void {
    this.end();
    if (this.#outer instanceof RunScope) this.#outer.endAll();
  }
}

/** What a run needs of its operation. */
interface RunHost {
  active: number;
  leave(): void;
}

/** @internal */
export const callNow = <R>(fn: () => R): R => fn();
