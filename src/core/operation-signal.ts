import { Cancellation } from './cancellation.js';

interface Abortion {
  readonly reason: unknown;
}

/**
 * The signal of an operation: aborted by its function, by the `signal` option and as the parent's is. No
 * `AbortController` is made until somebody asks for the signal; who was first to abort it is known all the same.
 * @internal
 */
export class OperationSignal {
  #own: AbortSignal | undefined;
  #parent: OperationSignal | undefined;
  #cancellation: Cancellation | undefined;
  #aborted: Abortion | undefined;

  constructor(own: AbortSignal | undefined, parent: OperationSignal | undefined) {
    this.#own = own;
    this.#parent = parent;
  }

  get signal(): AbortSignal {
    if (this.#cancellation === undefined) {
      const aborted = this.#abortion();
      const sources = aborted ? [] : [this.#own, this.#parent?.signal];
      this.#cancellation = new Cancellation(sources.filter((source) => source !== undefined));
      if (aborted) this.#cancellation.abort(aborted.reason);
    }
    return this.#cancellation.signal;
  }

  abort(reason: unknown): void {
    if (this.#cancellation === undefined) this.#aborted = this.#abortion() ?? { reason };
    else this.#cancellation.abort(reason);
  }

  /** The operation has ended: the signal stays as it is, and keeps nothing of those that it followed. */
  release(): void {
    this.#aborted = this.#abortion();
    this.#own = this.#parent = undefined;
    this.#cancellation?.release();
  }

  #abortion(): Abortion | undefined {
    if (this.#cancellation !== undefined) {
      const { aborted, reason } = this.#cancellation.signal;
      return aborted ? { reason } : undefined;
    }
    if (this.#aborted !== undefined) return this.#aborted;
    if (this.#own?.aborted) return { reason: this.#own.reason };
    const parent = this.#parent;
    return parent && parent.#abortion();
  }
}
