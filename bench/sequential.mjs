// Whether operations that have settled leave anything behind: the heap as very many of them run one after the other.
import { batchOf } from './batch.mjs';
import { heapInUse } from './heap.mjs';

/** Bytes of the heap before the first operation and at each of the `marks`, and nanoseconds of CPU time for an operation. */
export const measureSequential = async (candidate, library, { works, warmUp, marks }) => {
  const shape = { depth: 1, works, kind: 'async', atOnce: 1, concurrency: 1 };
  const batch = await batchOf(candidate, library, shape);
  await batch(warmUp);
  const taken = { begin: [heapInUse()] };
  let done = 0;
  let cpu = 0;
  for (const [name, mark] of Object.entries(marks)) {
    const before = process.cpuUsage();
    await batch(mark - done);
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
    done = mark;
    taken[name] = [heapInUse()];
  }
  return { ...taken, cpu: [(cpu * 1000) / done] };
};
