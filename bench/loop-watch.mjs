// How long the turns of the event loop take, and how much of that the machine kept the process waiting for a processor.
import { openSync, readSync, closeSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** Reads for how many milliseconds the main thread was ready to run, but was not let: the system counts that on Linux alone. */
const openWaiting = () => {
  if (process.platform !== 'linux') return undefined;
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const buffer = Buffer.alloc(128);
    const read = () => Number(buffer.latin1Slice(0, readSync(file, buffer, 0, 128, 0)).split(' ')[1]) / 1e6;
    return { read, close: () => closeSync(file) };
  } catch {
    return undefined;
  }
};

/**
 * Watches every turn of the loop until the function that it returns is called, which tells, in milliseconds: `held`, the longest
 * turn; `own`, the longest without what the thread waited for a processor in it, where that can be told; and `pause`, the longest
 * pause of the collector. Every turn has one tick of the watch: it keeps the loop turning, and depends on no timer.
 */
export const watchLoop = () => {
  const waiting = openWaiting();
  const look = () => ({ at: performance.now(), waited: waiting?.read() ?? 0 });
  let held = 0;
  let own = 0;
  const collections = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  const begin = performance.now();
  let last = look();
  const note = () => {
    const now = look();
    const took = now.at - last.at;
    held = Math.max(held, took);
    own = Math.max(own, took - (now.waited - last.waited));
    last = now;
  };
  const tick = () => {
    note();
    next = setImmediate(tick);
  };
  let next = setImmediate(tick);
  return async () => {
    clearImmediate(next);
    // The turn that is being held has had no tick yet.
    note();
    const end = performance.now();
    // Node.js tells of a collection in a later turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    collections.push(...observer.takeRecords());
    observer.disconnect();
    waiting?.close();
    const pauses = collections
      .filter(({ startTime }) => startTime >= begin && startTime <= end)
      .map(({ duration }) => duration);
    return { held, own: waiting === undefined ? undefined : own, pause: Math.max(0, ...pauses) };
  };
};
