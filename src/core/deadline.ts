/** The longest delay that a timer takes, in milliseconds: a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls back once, so many milliseconds after it was made, unless it is cleared before. The timer keeps the process
 * alive: what it bounds would otherwise be lost without a word.
 * @internal
 */
export class Deadline {
  #left: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #passed: (() => void) | undefined;

  constructor(milliseconds: number, passed: () => void) {
    this.#left = Math.ceil(milliseconds);
    this.#passed = passed;
    this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#passed = undefined;
  }

  #arm(): void {
    const delay = Math.min(this.#left, LONGEST);
    this.#left -= delay;
    this.#timer = setTimeout(() => {
      if (this.#left > 0) this.#arm();
      else this.#passed?.();
    }, delay);
  }
}
