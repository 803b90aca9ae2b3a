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
const GROWTH = 16;

/** In workerd a request must not wait for another one, whose immediates go with it when it ends. */
const OWN_TURNS = 'WebSocketPair' in globalThis;

/** Resolves when the event loop has turned. @internal */
export const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What Node.js tells of its event loop; no other runtime does. */
interface LoopMetrics {
  readonly uvMetricsInfo?: { readonly loopCount: number };
}

const { nodeTiming: metrics } = performance as { nodeTiming?: LoopMetrics };

/** How many times the loop had turned when that was last asked. */
let counted = -1;

const hasTurnedByCount = (): boolean => {
  const count = metrics!.uvMetricsInfo!.loopCount;
  if (count === counted) return false;
  counted = count;
  return true;
};

let armed = false;

/** One immediate for each turn: while it has not fired, the loop has not turned. It takes a turn more, which a count does not. */
const hasTurnedByImmediate = (): boolean => {
  if (armed) return false;
  try {
    setImmediate(() => {
      armed = false;
    });
    armed = true;
  } catch {
    // workerd refuses it while it loads modules: there is no loop yet that could be held.
  }
  return true;
};

/** Whether the loop has turned since the last call. */
const hasTurned = metrics?.uvMetricsInfo === undefined ? hasTurnedByImmediate : hasTurnedByCount;

// What is known of the loop is known to all drains: many small ones at once hold it as one long one does.
let turnedAt = 0;
let askedAt = -Infinity;
let lookedAt = 0;
let stride = 1;
/** How many works may begin before the next look. */
let left = 1;
/** The turn that all drains wait for that have to wait for one. */
let turning: Promise<void> | undefined;

/** Finds out whether the loop has turned: not more often than each millisecond, unless it is about to matter. */
const ask = (time: number): void => {
  askedAt = time;
  if (hasTurned()) turnedAt = time;
};

/** Looks at the clock. The next look comes before the second work from here, if nothing is known of their pace. */
const lookAfresh = (): number => {
  const time = now();
  if (time - askedAt >= STRIDE) ask(time);
  left = stride = 1;
  return (lookedAt = time);
};

const look = (): void => {
  const time = now();
  if (time - askedAt >= STRIDE) ask(time);
  const pace = (time - lookedAt) / stride;
  left = stride = Math.max(1, Math.min(stride * GROWTH, LONGEST_STRIDE, Math.floor(STRIDE / pace)));
  lookedAt = time;
};

/**
 * Tells a drain when it has held the event loop for too long. Asked before every work but the first one.
 * @internal
 */
export class LoopHold {
  readonly #startedAt = lookAfresh();

  isDue(): boolean {
    return --left <= 0 && this.#isOverdue();
  }

  /** Apart from `isDue`, which is small enough then to become part of the code that asks. */
  #isOverdue(): boolean {
    look();
    if (lookedAt - Math.max(turnedAt, this.#startedAt) <= LIMIT) return false;
    if (askedAt < lookedAt) ask(lookedAt);
    if (turnedAt === lookedAt) return false;
    // Whoever asks next looks too: it may have held the loop for as long.
    left = stride = 1;
    return true;
  }

  /** Resolves when the loop has turned. It is asked again at once then, with no work in between. */
  turn(): Promise<void> {
    if (OWN_TURNS) return turnOfLoop().then(turned);
    return (turning ??= turnOfLoop().then(turned));
  }
}

const turned = (): void => {
  turning = undefined;
  // Also where the immediate has not fired, and never will: that of a request of workerd that has ended.
  armed = false;
  askedAt = -Infinity;
  lookAfresh();
  // It has turned, also where that is not counted yet.
  turnedAt = lookedAt;
  // For the question that is asked at once.
  left++;
};
