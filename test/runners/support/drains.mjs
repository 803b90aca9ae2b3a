import { defer, flush, settleOperation, withTask } from 'deferqueue';

/** Holds the event loop for some milliseconds, so that the drain has to yield. Clocks may be faked, so it counts. */
const hold = () => {
  let sum = 0;
  for (let count = 0; count < 3_000_000; count++) sum += count % 7;
  return sum;
};

/** Runs forty items in all kinds of drains. Returns how many ran. */
export const drain = async (concurrency) => {
  let ran = 0;
  const work = async () => {
    hold();
    ran++;
  };
  const several = (options) => {
    for (let index = 0; index < 10; index++) defer(work, options);
  };
  await settleOperation({ concurrency }, async () => {
    several();
    await flush();
    await withTask({ concurrency: 3 }, () => several({ until: 'task' }));
    several();
    // These come while the drain runs.
    defer(() => several());
  });
  return ran;
};
