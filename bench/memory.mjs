// Bytes that each queued work holds: what the heap has grown by when all are deferred. All works are one function.
import { heapAtRest, heapInUse } from './heap.mjs';

export const measureMemory = async (candidate, library, { works, samples }) => {
  const operation = await candidate.load({ library, concurrency: 1 });
  const taken = { bytes: [] };
  for (let index = 0; index <= samples; index++) {
    let ran = 0;
    let after = 0;
    const work = () => {
      ran++;
    };
    const before = await heapAtRest();
    await operation({ depth: 1, count: works, work: () => work, queued: () => (after = heapInUse()) });
    if (ran !== works) throw new Error(`${candidate.title}: ${ran} works ran, and not ${works}`);
    // The first time, code is compiled, too.
    if (index > 0) taken.bytes.push((after - before) / works);
  }
  return taken;
};
