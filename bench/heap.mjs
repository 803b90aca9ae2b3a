// What a process holds in memory.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Bytes of the heap that are reachable. The first collection frees what finalizers and weak references then let go of. */
export const heapInUse = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};

/**
 * The same where nothing goes on: the least of some looks. While a function is compiled in the background, Node.js 24 and later
 * hold what that function has last seen, which may be all works of the operation before.
 */
export const heapAtRest = async () => {
  let least = Infinity;
  for (let look = 0; look < 5; look++) {
    await wait(20);
    least = Math.min(least, heapInUse());
  }
  return least;
};

/** Bytes of memory that the process had at most. Linux counts them for the program; the number of `resourceUsage` may be its parent's. */
export const peakOfProcess = () => {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(kilobytes) * 1024;
};

/** From now on the peak is counted anew, where the system can do so; elsewhere it stays the one since the start. */
export const forgetPeak = () => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // The process has done little but start.
  }
};
