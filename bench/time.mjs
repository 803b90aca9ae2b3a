// The times of a candidate's operations.
import { batchOf } from './batch.mjs';
import { liveIn } from './lived-in.mjs';

/** Milliseconds after which no further sample begins. */
const PATIENCE = 1500;

/**
 * What a batch takes, in nanoseconds for each operation. No collection is forced before it: a full collection discards compiled
 * code that depends on freed objects, and the sample would contain its recompilation.
 */
const timed = async (batch, times) => {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const operations = await batch(times);
  const took = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { took, cpu: ((user + system) * 1e3) / operations, wall: (took * 1e6) / operations };
};

export const measureTime = async (candidate, library, shape, { samples, warmUp, target }) => {
  await liveIn();
  const batch = await batchOf(candidate, library, shape);
  const warmUntil = performance.now() + warmUp;
  do await batch(1, true);
  while (performance.now() < warmUntil);

  let times = 1;
  let sample = await timed(batch, times);
  while (sample.took < target) {
    times = Math.ceil(times * Math.min(8, (1.2 * target) / sample.took));
    sample = await timed(batch, times);
  }
  const taken = [sample];
  const count = samples * (shape.samplesTimes ?? 1);
  const enough = performance.now() + PATIENCE;
  while (taken.length < count && performance.now() < enough) taken.push(await timed(batch, times));
  return { cpu: taken.map(({ cpu }) => cpu), wall: taken.map(({ wall }) => wall) };
};
