/** Runs the works of an array, also those that works add: so many at once, started in order. */
export const runQueue = async (queue, concurrency) => {
  let next = 0;
  const lane = async () => {
    while (next < queue.length) await queue[next++]();
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
};
