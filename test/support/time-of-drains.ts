const now = performance.now.bind(performance);

interface Clock {
  time: number;
  began: number | undefined;
}

/** One for the thread: where files share the modules that they test, this one may be there more than once. */
const shared = globalThis as { [key: symbol]: Clock | undefined };
const clock = (shared[Symbol.for('deferqueue.test.clock')] ??= { time: 1000, began: undefined });

/**
 * The clock by which a drain judges whether it has held the event loop for too long (G10). It stands still unless a test says
 * otherwise: on a machine that stands still for 10 ms between two works a drain waits for a turn, and that would change the order
 * that other tests are about.
 */
export const timeOfDrains = (): number =>
  clock.began === undefined ? clock.time : clock.time + now() - clock.began;

/** As though the thread had been kept busy for so many milliseconds. */
export const busy = (milliseconds: number): void => void (clock.time += milliseconds);

/** For `beforeEach`: the clock goes on as the real one does, until the test is over. */
export const letTimeGoOn = (): (() => void) => {
  clock.began = now();
  return () => {
    clock.time = timeOfDrains();
    clock.began = undefined;
  };
};
