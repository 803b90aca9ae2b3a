import { NativePromise } from './promises.js';

// Read when the module is loaded: fake timers that a test installs must not stop a drain. Test runners replace what is
// global before that, but not the module.
const { process } = globalThis as {
  process?: { getBuiltinModule?(name: string): typeof globalThis | undefined };
};
const { setImmediate } = process?.getBuiltinModule?.('node:timers') ?? globalThis;
const now = performance.now.bind(performance);

/** How long a drain may hold the event loop before it yields, in milliseconds (G10). */
const LIMIT = 10;
/** The most items between two looks at the clock. One look costs as much as a small item. */
const LONGEST_STRIDE = 32;
/** How long the items between two looks may take at the pace of the last ones, in milliseconds. */
const STRIDE = 1;
/** How many times longer than the last stride the next one may be. */
const GROWTH = 16;

/** In workerd a request must not wait for the immediates of another one: they go when that one ends. */
const YIELDS_ALONE = 'WebSocketPair' in globalThis;

/** Resolves when the event loop has turned. */
export const nextTurn = (): Promise<void> => new NativePromise((resolve) => setImmediate(resolve));

/** How Node.js counts the turns of its event loop. No other runtime does. */
const { nodeTiming } = performance as { nodeTiming?: { uvMetricsInfo?: { readonly loopCount: number } } };

/** The count of turns when it was last read. */
let counted = -1;

const hasTurnedByCount = (): boolean => {
  const count = nodeTiming!.uvMetricsInfo!.loopCount;
  if (count === counted) return false;
  counted = count;
  return true;
};

/** Whether an immediate is scheduled that has not fired. */
let isArmed = false;

/** While the one immediate has not fired, the loop has not turned. It reports a turn late, unlike the count. */
const hasTurnedByImmediate = (): boolean => {
  if (isArmed) return false;
  try {
    setImmediate(() => {
      isArmed = false;
    });
    isArmed = true;
  } catch {
    // workerd refuses it while it loads modules: there is no loop yet that could be held.
  }
  return true;
};

/** Whether the loop has turned since the last call. */
const hasTurned = nodeTiming?.uvMetricsInfo === undefined ? hasTurnedByImmediate : hasTurnedByCount;

// All drains share what is known of the loop: many small ones at once hold it as one long one does.
let turnedAt = 0;
let askedAt = -Infinity;
let lookedAt = 0;
let stride = 1;
/** How many items may start before the next look. */
let left = 1;
/** The turn that every yielding drain waits for. */
let turning: Promise<void> | undefined;

const ask = (time: number): void => {
  askedAt = time;
  if (hasTurned()) turnedAt = time;
};

/** Reads the clock, and at most once a millisecond whether the loop has turned. */
const look = (): number => {
  lookedAt = now();
  if (lookedAt - askedAt >= STRIDE) ask(lookedAt);
  return lookedAt;
};

/** Looks, with the next look before the second item from here, since their pace is not known. */
const lookAfresh = (): number => {
  left = stride = 1;
  return look();
};

const onTurn = (): void => {
  turning = undefined;
  // Also where the immediate never fires: that of a workerd request which has ended.
  isArmed = false;
  askedAt = -Infinity;
  // The loop has turned, also where that is not counted yet.
  turnedAt = lookAfresh();
  // For the question that follows at once, with no item in between.
  left++;
};

/** Decides when a drain has held the event loop for too long. Ask before every item but the first. */
export class EventLoopYield {
  readonly #startedAt = lookAfresh();

  shouldYield(): boolean {
    return --left <= 0 && this.#isOverdue();
  }

  /** Resolves when the event loop has turned. */
  yield(): Promise<void> {
    if (YIELDS_ALONE) return nextTurn().then(onTurn);
    return (turning ??= nextTurn().then(onTurn));
  }

  #isOverdue(): boolean {
    const before = lookedAt;
    const time = look();
    const pace = (time - before) / stride;
    left = stride = Math.max(1, Math.min(stride * GROWTH, LONGEST_STRIDE, Math.floor(STRIDE / pace)));
    if (time - Math.max(turnedAt, this.#startedAt) <= LIMIT) return false;
    if (askedAt < time) ask(time);
    if (turnedAt === time) return false;
    // The next drain that asks looks too: it may have held the loop for as long.
    left = stride = 1;
    return true;
  }
}
