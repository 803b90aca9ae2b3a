// One measurement, in a process of its own: `node --expose-gc bench/sample.mjs '{"candidate":"by-hand","workload":"w3",…}'`.
// Prints what it has measured as one line of JSON.
import { batchOf } from './batch.mjs';
import { NAMES, importCandidate } from './candidates/index.mjs';
import { measureFairness } from './fairness.mjs';
import { measureLive } from './live.mjs';
import { liveIn } from './lived-in.mjs';
import { measureMemory } from './memory.mjs';
import { measurePeak } from './peak.mjs';
import { probe } from './probes.mjs';
import { measureSequential } from './sequential.mjs';
import { measureStartup } from './startup.mjs';
import { FAIRNESS, GROWTH, LIVE, MEMORY, OPERATIONS, PEAK, SEQUENTIAL, STARTUP } from './workloads.mjs';

const { candidate: name, workload, size, library, samples, warmUp, target } = JSON.parse(process.argv[2]);
if (!NAMES.includes(name)) throw new Error(`There is no candidate "${name}"`);
const candidate = await importCandidate(name);

/** No further sample is begun after so many milliseconds. */
const PATIENCE = 1500;

/**
 * What a batch took, in microseconds. No collection is forced before it: compiled code that depends on objects which a full
 * collection frees is thrown away with them, and what followed would be the time of compiling it again.
 */
const timed = async (batch, times) => {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  const operations = await batch(times);
  const wall = Number(process.hrtime.bigint() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: user + system, wall, operations };
};

/** Nanoseconds that one of the parts of an operation takes, by each of the samples. */
const measureTime = async (shape, parts = 1, warmUpShape = shape) => {
  await liveIn();
  const batch = await batchOf(candidate, library, shape);
  const warm = warmUpShape === shape ? batch : await batchOf(candidate, library, warmUpShape);
  const end = performance.now() + warmUp;
  do await warm(1, true);
  while (performance.now() < end);

  let times = 1;
  let took = await timed(batch, times);
  while (took.wall < target * 1000) {
    times = Math.ceil(times * Math.min(8, (1.2 * target * 1000) / took.wall));
    took = await timed(batch, times);
  }
  const taken = { cpu: [], wall: [] };
  const enough = performance.now() + PATIENCE;
  for (;;) {
    taken.cpu.push((took.cpu * 1000) / (took.operations * parts));
    taken.wall.push((took.wall * 1000) / (took.operations * parts));
    if (taken.cpu.length === samples * (shape.samplesTimes ?? 1) || performance.now() > enough) break;
    took = await timed(batch, times);
  }
  return taken;
};

const measure = () => {
  if (workload === 'probes') return probe(candidate, library);
  if (workload === FAIRNESS.name) return measureFairness(candidate, library, FAIRNESS);
  if (workload === STARTUP.name) return measureStartup(name, library);
  if (workload === MEMORY.name) return measureMemory(candidate, library, { ...MEMORY, works: size });
  if (workload === PEAK.name) return measurePeak(candidate, library, PEAK);
  if (workload === SEQUENTIAL.name) return measureSequential(candidate, library, SEQUENTIAL);
  if (workload === LIVE.name) return measureLive(candidate, library, { ...LIVE, works: size });
  if (workload === GROWTH.name) {
    const shape = { depth: 1, works: size, kind: 'async', atOnce: 1, concurrency: 1 };
    return measureTime(shape, size, { ...shape, works: Math.min(size, 1000) });
  }
  const shape = OPERATIONS.find((known) => known.name === workload);
  if (shape === undefined) throw new Error(`There is no workload "${workload}"`);
  return measureTime(shape);
};

// Written, and not printed: some peers print.
const result = await measure();
process.stdout.write(`\n${JSON.stringify(result)}\n`);
// Some peers keep something open.
process.exit(0);
