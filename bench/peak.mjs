// How much memory an operation with very many works takes at most, from its begin until it has settled. All works are one async
// function.
import { forgetPeak, heapAtRest, heapInUse, peakOfProcess } from './heap.mjs';

/** How often the reachable heap is looked at: when all works are queued, and when each further part of them has run. */
const PARTS = 2;

/**
 * Bytes above what the process had before: `resident`, the memory of the process, with the garbage that was not collected yet, and
 * `heap`, the highest of what was reachable when looked at. Two operations, since the looks collect the garbage.
 */
export const measurePeak = async (candidate, library, { works }) => {
  const operation = await candidate.load({ library, concurrency: 1 });
  const run = async (count, look) => {
    let ran = 0;
    const part = Math.ceil(count / PARTS);
    const work = async () => {
      ran++;
      if (ran % part === 0) look?.();
    };
    await operation({ depth: 1, count, work: () => work, queued: look });
    if (ran !== count) throw new Error(`${candidate.title}: ${ran} works ran, and not ${count}`);
  };
  // The memory is not to be that of compiling.
  for (let index = 0; index < 10; index++) await run(Math.min(1000, works));

  heapInUse();
  forgetPeak();
  const residentBefore = peakOfProcess();
  await run(works);
  // The system may take pages back meanwhile, and counts in batches.
  const resident = Math.max(0, peakOfProcess() - residentBefore);

  const heapBefore = await heapAtRest();
  let heap = 0;
  await run(works, () => (heap = Math.max(heap, heapInUse() - heapBefore)));
  return { resident: [resident], heap: [heap] };
};
