const now = performance.now.bind(performance);
let time = 1000;
let began: number | undefined;

/**
 * The clock by which a drain judges whether it has held the event loop for too long (G10). It stands still unless a test says
 * otherwise: on a machine that stands still for 10 ms between two works a drain waits for a turn, and that would change the order
 * that other tests are about.
 */
export const timeOfDrains = (): number => (began === undefined ? time : time + now() - began);

/** As though the thread had been kept busy for so many milliseconds. */
export const busy = (milliseconds: number): void => void (time += milliseconds);

/** For `beforeEach`: the clock goes on as the real one does, until the test is over. */
export const letTimeGoOn = (): (() => void) => {
  began = now();
  return () => {
    time = timeOfDrains();
    began = undefined;
  };
};
