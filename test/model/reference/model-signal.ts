/** An `AbortSignal` that others follow: aborted once, with one reason. */
export class ModelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #followers: ((reason: unknown) => void)[] = [];

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const follower of this.#followers) follower(reason);
  }

  /** Is aborted as the other one is, now or later. */
  follow(other: ModelSignal | AbortSignal | undefined): void {
    if (other === undefined) return;
    if (other.aborted) this.abort(other.reason);
    else if (other instanceof ModelSignal) other.#followers.push((reason) => this.abort(reason));
    else other.addEventListener('abort', () => this.abort(other.reason));
  }
}
