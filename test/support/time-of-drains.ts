const now = performance.now.bind(performance);

interface Clock {
  time: number;
  began: number | undefined;
}

/** One clock for each thread: where test files share modules, this module may be loaded more than once. */
const shared = globalThis as { [key: symbol]: Clock | undefined };
const clock = (shared[Symbol.for('deferqueue.test.clock')] ??= { time: 1000, began: undefined });

/**
 * The clock that a drain uses to decide whether it has held the event loop for too long (G10). It is
 * stopped unless a test starts it. With the real clock, a machine that pauses for 10 ms between two
 * items would make the drain yield, which changes the order that other tests check.
 */
export const timeOfDrains = (): number =>
  clock.began === undefined ? clock.time : clock.time + now() - clock.began;

/** Advances the clock, as if the thread had been busy for this many milliseconds. */
export const busy = (milliseconds: number): void => void (clock.time += milliseconds);

/** For `beforeEach`: the clock advances with the real one until the test has ended. */
export const letTimeGoOn = (): (() => void) => {
  clock.began = now();
  return () => {
    clock.time = timeOfDrains();
    clock.began = undefined;
  };
};
