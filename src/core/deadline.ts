/** The longest delay that a timer accepts, in milliseconds. A longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls back once, so many milliseconds after it was made, unless it is cleared before. The timer keeps the
 * process alive: the work that it bounds would otherwise be lost without a word. Without a limit there is no timer.
 */
export class Deadline {
  #left: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onExpiry: (() => void) | undefined;

  constructor(milliseconds: number, onExpiry: () => void) {
    this.#left = Math.ceil(milliseconds);
    this.#onExpiry = onExpiry;
    if (milliseconds !== Infinity) this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#onExpiry = undefined;
  }

  #arm(): void {
    const delay = Math.min(this.#left, LONGEST);
    this.#left -= delay;
    this.#timer = setTimeout(() => {
      if (this.#left > 0) this.#arm();
      else this.#onExpiry?.();
    }, delay);
  }
}
