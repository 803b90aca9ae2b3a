/** An `AbortSignal` as the contract knows it: aborted once, with one reason, and followed by others. */
export class TimedSignal {
  aborted = false;
  /** The very reason; an error of the library's own is known by its code. */
  reason: unknown = undefined;
  /** In which step of the schedule it was aborted: within that step, the library may still be on its way there. */
  step = -1;
  readonly #followers: TimedSignal[] = [];
  #isVague = false;

  abort(reason: unknown, step: number): void {
    if (this.aborted) {
      // Of two reasons in one step, it is not said which was first.
      if (this.step === step && this.reason !== reason) this.#blur();
      return;
    }
    this.aborted = true;
    this.reason = reason;
    this.step = step;
    for (const follower of this.#followers) follower.abort(reason, step);
  }

  /** Is aborted as the other one is, now or later. */
  follow(other: TimedSignal | undefined): void {
    if (other === undefined) return;
    // Of two that are aborted before, it is not said whose reason counts.
    if (other.#isVague || (other.aborted && this.aborted)) this.#isVague = true;
    if (other.aborted) this.abort(other.reason, other.step);
    else other.#followers.push(this);
  }

  #blur(): void {
    this.#isVague = true;
    for (const follower of this.#followers) follower.#blur();
  }

  isReason(seen: unknown): boolean {
    const { reason } = this;
    if (this.#isVague) return true;
    return reason instanceof OwnError ? reason.matches(seen) : reason === seen;
  }
}

/** An error that the library makes: known by its code, and by the limit that it tells. */
export class OwnError {
  readonly code: string;
  readonly timeout: number | undefined;

  constructor(code: 'WORK_TIMEOUT' | 'DRAIN_TIMEOUT' | 'SHUTTING_DOWN', timeout?: number) {
    this.code = `ERR_DEFERQUEUE_${code}`;
    this.timeout = timeout;
  }

  matches(seen: unknown): boolean {
    const { code, timeout } = (seen ?? {}) as { code?: unknown; timeout?: unknown };
    return code === this.code && (this.timeout === undefined || timeout === this.timeout);
  }

  toString(): string {
    return `${this.code}(${this.timeout ?? ''})`;
  }
}
