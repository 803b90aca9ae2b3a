/**
 * An abort signal that follows others until it is released. It is made only when somebody asks for a signal.
 * @internal
 */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];

  constructor(sources: readonly AbortSignal[]) {
    this.#sources = sources;
    for (const source of sources) {
      if (source.aborted) {
        this.abort(source.reason);
        break;
      }
      source.addEventListener('abort', this);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.signal.aborted) return;
    // abort(undefined) would make up a reason of its own; ours is the identical one.
    if (reason === undefined) Object.defineProperty(this.signal, 'reason', { value: undefined });
    this.#controller.abort(reason);
    this.release();
  }

  /** Stops following, so that a long-lived source keeps nothing of this one. */
  release(): void {
    for (const source of this.#sources) source.removeEventListener('abort', this);
  }

  /** An event listener without a closure. */
  handleEvent(event: Event): void {
    this.abort((event.target as AbortSignal).reason);
  }
}
