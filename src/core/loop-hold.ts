// Bound when the module is loaded: fake timers that a test installs later must not stop a drain.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

/** How long a drain may hold the event loop, in milliseconds, before it lets it turn (G10). */
const LIMIT = 10;
/** The most works between two looks at the clock, which costs as much as a small work. */
const LONGEST_STRIDE = 32;
/** How long the works between two looks may take at the pace of the last ones, in milliseconds. */
const STRIDE = 1;
/** How many times the works since the last look those before the next one may be. */
const GROWTH = 4;

/** Resolves when the event loop has turned. @internal */
export const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let armed = false;
let armedAt = 0;

/** One immediate for each turn of the loop, shared by all drains: while it has not fired, the loop has not turned. */
const arm = (time: number): void => {
  try {
    setImmediate(() => {
      armed = false;
    });
  } catch {
    // workerd refuses it while it loads modules: there is no loop yet that could be held.
    return;
  }
  armed = true;
  armedAt = time;
};

let turning: Promise<void> | undefined;

/** One turn for all drains that wait for the same. */
const nextTurn = (): Promise<void> =>
  (turning ??= turnOfLoop().then(() => {
    turning = undefined;
  }));

/**
 * Tells a drain when it has held the event loop for too long. Asked before every work but the first one.
 * @internal
 */
export class LoopHold {
  #startedAt = now();
  #lookedAt = this.#startedAt;
  #stride = 1;
  #left = 1;
  #hasTurned = false;

  constructor() {
    if (!armed) arm(this.#startedAt);
  }

  get due(): boolean {
    return --this.#left <= 0 && this.#look();
  }

  /** Resolves when the loop has turned. It is asked again at once then, with no work in between. */
  turn(): Promise<void> {
    this.#hasTurned = true;
    this.#left = 1;
    return nextTurn();
  }

  #look(): boolean {
    const time = now();
    if (!this.#hasTurned && armed && time - Math.max(armedAt, this.#startedAt) > LIMIT) return true;
    if (!armed) arm(time);
    const pace = (time - this.#lookedAt) / this.#stride;
    const stride = Math.min(this.#stride * GROWTH, LONGEST_STRIDE, Math.floor(STRIDE / pace));
    this.#left = this.#stride = this.#hasTurned ? 1 : Math.max(1, stride);
    if (this.#hasTurned) this.#startedAt = time;
    this.#hasTurned = false;
    this.#lookedAt = time;
    return false;
  }
}
