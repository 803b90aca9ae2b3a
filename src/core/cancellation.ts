import { follow, unfollow } from './followers.js';
import type { Follower } from './followers.js';

/**
 * An abort signal that follows others until it is released. It is made only when somebody asks for a signal.
 * @internal
 */
export class Cancellation implements Follower {
  readonly #controller = new AbortController();
  #sources: readonly AbortSignal[];

  constructor(sources: readonly AbortSignal[]) {
    this.#sources = sources;
    for (const source of sources) {
      if (source.aborted) {
        this.abort(source.reason);
        break;
      }
      follow(source, this);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.signal.aborted) return;
    this.release();
    // abort(undefined) would make up a reason of its own; ours is the identical one.
    if (reason === undefined) Object.defineProperty(this.signal, 'reason', { value: undefined });
    this.#controller.abort(reason);
  }

  followed(reason: unknown): void {
    this.abort(reason);
  }

  /** Stops following, so that neither keeps anything of the other. */
  release(): void {
    for (const source of this.#sources) unfollow(source, this);
    this.#sources = [];
  }
}
