// How long a drain of very many small work items holds the event loop.

/** Rounds of arithmetic in each item: about a microsecond. */
const ROUNDS = 500;
let sink = 0;

const arithmetic = () => {
  let value = sink;
  for (let round = 0; round < ROUNDS; round++) value = (Math.imul(value, 31) + round) | 0;
  sink = value;
};

/** Watches every turn of the event loop until it is stopped: the result is the longest turn, in milliseconds. */
export const watchLoop = () => {
  let last = performance.now();
  let longest = 0;
  const note = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const tick = () => {
    note();
    next = setImmediate(tick);
  };
  let next = setImmediate(tick);
  return () => {
    clearImmediate(next);
    // The current turn has had no tick yet.
    note();
    return longest;
  };
};

export const measureHold = async (candidate, library, { items }) => {
  const operation = await candidate.load({ library, concurrency: 1 });
  for (let index = 0; index < 10; index++) await operation({ depth: 1, count: 1000, work: () => arithmetic });
  let ran = 0;
  const work = () => {
    arithmetic();
    ran++;
  };
  /** @type {() => number} */
  let stop;
  // Deferring a million items in one loop is not part of the drain.
  const pause = async () => {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
    stop = watchLoop();
  };
  await operation({ depth: 1, count: items, work: () => work, pause });
  const hold = [stop()];
  if (ran !== items) throw new Error(`${candidate.title}: ${ran} items ran instead of ${items}`);
  return { hold };
};
