// One measurement, in a process of its own: `node --expose-gc bench/sample.mjs '{"candidate":"by-hand","workload":"w3",…}'`.
// Prints what it has measured as one line of JSON.
import { NAMES, importCandidate } from './candidates/index.mjs';
import { measureFairness } from './fairness.mjs';
import { probe } from './probes.mjs';
import { measureStartup } from './startup.mjs';
import { FAIRNESS, GROWTH, Ledger, MEMORY, OPERATIONS, STARTUP } from './workloads.mjs';

const { candidate: name, workload, size, library, samples, warmUp, target } = JSON.parse(process.argv[2]);
if (!NAMES.includes(name)) throw new Error(`There is no candidate "${name}"`);
const candidate = await importCandidate(name);
const { order } = candidate;

const require = (truth, what) => {
  if (!truth) throw new Error(`${name}, ${workload}${size === undefined ? '' : ` of ${size}`}: ${what}`);
};

/** Runs one batch of `times` operations, or groups of operations, and holds the works to what they should have done. */
const batchOf = async ({ depth, works, kind, atOnce, concurrency }) => {
  const operation = await candidate.load({ library, concurrency });
  const ledger = new Ledger(order);
  const plans = Array.from({ length: atOnce }, () => ledger.plan({ depth, works, kind }));
  const [plan] = plans;
  return async (times) => {
    ledger.ran = 0;
    if (atOnce === 1) for (let index = 0; index < times; index++) await operation(plan);
    else for (let index = 0; index < times; index++) await Promise.all(plans.map(operation));
    const wanted = times * works * atOnce;
    require(ledger.ran === wanted, `${ledger.ran} works ran, and not ${wanted}`);
    require(ledger.inOrder, `the works were not run in the order ${order}`);
  };
};

/**
 * What a batch took, in microseconds. No collection is forced before it: compiled code that depends on objects which a full
 * collection frees is thrown away with them, and what followed would be the time of compiling it again.
 */
const timed = async (batch, times) => {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  await batch(times);
  const wall = Number(process.hrtime.bigint() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: user + system, wall };
};

/** Nanoseconds that one of the parts of an operation takes, by each of the samples. */
const measureTime = async (shape, parts, warmUpShape = shape) => {
  const batch = await batchOf(shape);
  const warm = warmUpShape === shape ? batch : await batchOf(warmUpShape);
  const end = performance.now() + warmUp;
  do await warm(1);
  while (performance.now() < end);

  let times = 1;
  for (let took = await timed(batch, times); took.wall < target * 1000; took = await timed(batch, times)) {
    times = Math.ceil(times * Math.min(8, (1.2 * target * 1000) / took.wall));
  }
  const taken = { cpu: [], wall: [] };
  for (let index = 0; index < samples; index++) {
    const { cpu, wall } = await timed(batch, times);
    taken.cpu.push((cpu * 1000) / (times * parts));
    taken.wall.push((wall * 1000) / (times * parts));
  }
  return taken;
};

/** Bytes that each queued work holds: what the heap has grown by when all are deferred. All works are one function. */
const measureMemory = async () => {
  const operation = await candidate.load({ library, concurrency: 1 });
  const taken = { bytes: [] };
  const settled = () => {
    // The first collection frees what finalizers and weak references then let go of.
    globalThis.gc();
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  for (let index = 0; index <= MEMORY.samples; index++) {
    let ran = 0;
    let after = 0;
    const work = () => {
      ran++;
    };
    const before = settled();
    await operation({ depth: 1, count: size, work: () => work, queued: () => (after = settled()) });
    require(ran === size, `${ran} works ran, and not ${size}`);
    // The first time, code is compiled, too.
    if (index > 0) taken.bytes.push((after - before) / size);
  }
  return taken;
};

const measure = () => {
  if (workload === 'probes') return probe(candidate, library);
  if (workload === FAIRNESS.name) return measureFairness(candidate, library);
  if (workload === STARTUP.name) return measureStartup(name, library);
  if (workload === MEMORY.name) return measureMemory();
  if (workload === GROWTH.name) {
    const shape = { depth: 1, works: size, kind: 'async', atOnce: 1, concurrency: 1 };
    return measureTime(shape, size, { ...shape, works: Math.min(size, 1000) });
  }
  const shape = OPERATIONS.find((known) => known.name === workload);
  if (shape === undefined) throw new Error(`There is no workload "${workload}"`);
  return measureTime(shape, shape.atOnce);
};

// Written, and not printed: some peers print.
const result = await measure();
process.stdout.write(`\n${JSON.stringify(result)}\n`);
// Some peers keep something open.
process.exit(0);
