/** Who wants to know when a signal is aborted. @internal */
export interface Follower {
  followed(reason: unknown): void;
}

/** All followers of one signal behind a single listener: platforms warn of many, and search them one by one. */
class Followers {
  readonly #signal: AbortSignal;
  readonly #all = new Set<Follower>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this);
  }

  add(follower: Follower): void {
    this.#all.add(follower);
  }

  /** Returns whether nobody follows any more. */
  remove(follower: Follower): boolean {
    this.#all.delete(follower);
    if (this.#all.size > 0) return false;
    this.#signal.removeEventListener('abort', this);
    return true;
  }

  handleEvent(): void {
    bySignal.delete(this.#signal);
    this.#signal.removeEventListener('abort', this);
    for (const follower of this.#all) follower.followed(this.#signal.reason);
  }
}

const bySignal = new WeakMap<AbortSignal, Followers>();

/** @internal */
export const follow = (signal: AbortSignal, follower: Follower): void => {
  let followers = bySignal.get(signal);
  if (followers === undefined) {
    followers = new Followers(signal);
    bySignal.set(signal, followers);
  }
  followers.add(follower);
};

/** @internal */
export const unfollow = (signal: AbortSignal, follower: Follower): void => {
  if (bySignal.get(signal)?.remove(follower)) bySignal.delete(signal);
};
