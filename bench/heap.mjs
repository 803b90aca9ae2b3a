// What operations hold and leave behind on the heap.
import { setTimeout as wait } from 'node:timers/promises';
import { batchOf } from './batch.mjs';

/** Bytes that are reachable. The first collection frees what finalizers and weak references then release. */
const heapInUse = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};

/** The least of some looks: a compilation in the background may hold the items of the operation before. */
const heapAtRest = async () => {
  let least = Infinity;
  for (let look = 0; look < 5; look++) {
    await wait(20);
    least = Math.min(least, heapInUse());
  }
  return least;
};

/** Bytes for each queued item: by how much the heap has grown when all are deferred. All items are one function. */
export const measureMemory = async (candidate, library, { items }, { samples }) => {
  const operation = await candidate.load({ library, concurrency: 1 });
  const memory = [];
  // In the first operation, code is compiled too.
  for (let index = 0; index <= samples; index++) {
    let ran = 0;
    let after = 0;
    const work = () => {
      ran++;
    };
    const before = await heapAtRest();
    await operation({ depth: 1, count: items, work: () => work, queued: () => (after = heapInUse()) });
    if (ran !== items) throw new Error(`${candidate.title}: ${ran} items ran instead of ${items}`);
    if (index > 0) memory.push((after - before) / items);
  }
  return { memory };
};

/** Bytes that each operation leaves behind: by how much the heap grows over very many, one after the other. */
export const measureLeft = async (candidate, library, { items, operations }) => {
  const shape = { depth: 1, items, kind: 'async', atOnce: 1, concurrency: 1 };
  const batch = await batchOf(candidate, library, shape);
  await batch(Math.ceil(operations / 100));
  const before = heapInUse();
  await batch(operations);
  return { left: [(heapInUse() - before) / operations] };
};
