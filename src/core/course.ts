import { heard, operationBoundary, publish } from '../diagnostics/channels.js';
import { cutShort } from './cut-short.js';
import { Deadline } from './deadline.js';
import type { Deliver } from './deliver.js';
import { DrainLoop } from './drain.js';
import type { DrainEnd } from './drain.js';
import type { OperationCore } from './operation.js';

/**
 * The life of an operation: its function, what it waits for, the drain, the seal. It is no async function, since every `await` takes
 * time, and most operations have nothing to wait for but their function and their works: the promise that is returned
 * follows that of the function, and waits for this object only where works take longer.
 * @internal
 */
export class Course<R> implements DrainEnd {
  readonly #operation: OperationCore;
  readonly #deliver: Deliver<R>;
  #value: unknown;
  #deadline: Deadline | undefined;
  /** Whether all that the operation does is done, and only who waits for it has to be told. */
  #isOver = false;
  #breakage: { readonly error: unknown } | undefined;
  #resolve: ((value: R) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(operation: OperationCore, deliver: Deliver<R>, value: unknown) {
    this.#operation = operation;
    this.#deliver = deliver;
    this.#value = value;
  }

  /** What the operation settles with, once its function has; something to follow where that takes longer. */
  end(): R | PromiseLike<R> {
    if (this.#advance()) return this.#tell();
    return this as unknown as PromiseLike<R>;
  }

  /** Goes on with a drain that has begun, and waits for `pending`. */
  goOn(pending: PromiseLike<unknown> | undefined): void {
    if (pending === undefined) this.#look();
    else new DrainLoop(this.#operation.boundary, this).go(pending);
  }

  /** Nothing is left in the queues. */
  drained(): void {
    if (this.#advance(true)) this.#over();
  }

  broken(error: unknown): void {
    this.#breakage = { error };
    this.#deadline?.clear();
    if (this.#operation.cut === undefined) this.#operation.seal();
    this.#over();
  }

  /** For the promise of the operation, which follows this where it has to wait: a promise for it would be one more that has to settle. */
  // oxlint-disable-next-line unicorn/no-thenable -- nobody but that promise gets hold of it
  then(resolve: (value: R) => void, reject: (reason: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    if (this.#isOver) this.#settle();
  }

  /** There may be nothing left to wait for. */
  #look(): void {
    if (this.#advance()) this.#over();
  }

  #over(): void {
    this.#isOver = true;
    if (this.#resolve !== undefined) this.#settle();
  }

  #settle(): void {
    try {
      this.#resolve?.(this.#tell());
    } catch (error) {
      this.#reject?.(error);
    }
  }

  /** Goes as far as it can without waiting. Returns whether it has come to the end. */
  #advance(drained = false): boolean {
    const operation = this.#operation;
    try {
      if (operation.cut === undefined && operation.state === 'open') {
        if (operation.active > 0) {
          void operation.bell.rung().then(() => this.#look());
          return false;
        }
        operation.state = 'draining';
        operation.unquestioned = undefined;
        if (heard(operationBoundary)) {
          publish(operationBoundary, { operation, outcome: operation.outcome! });
        }
        this.#deadline = startDeadline(operation);
      }
      // Until there is nothing to wait for: between that and the seal nothing can come in between (G9).
      if (!drained && !operation.drain(this)) return false;
      while (operation.promote()) if (!operation.drain(this)) return false;
    } catch (error) {
      this.broken(error);
      return false;
    }
    this.#deadline?.clear();
    if (operation.cut === undefined) {
      operation.seal();
      return true;
    }
    void operation.cut.over.then(() => this.#over());
    return false;
  }

  /** Tells who waits for the operation, and then lets go of everything. */
  #tell(): R {
    const operation = this.#operation;
    operation.depart();
    try {
      if (this.#breakage !== undefined) throw this.#breakage.error;
      return this.#deliver(operation, this.#value);
    } finally {
      operation.forget();
      this.#value = undefined;
    }
  }
}

const startDeadline = (operation: OperationCore): Deadline | undefined => {
  const { drainTimeout } = operation.settings;
  if (drainTimeout === Infinity || operation.untouched) return undefined;
  return new Deadline(drainTimeout, () => void cutShort(operation, drainTimeout));
};
