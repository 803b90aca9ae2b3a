// Counts what one subject allocates in one workload, or executes in all: `node <flags> scripts/cost/count.mjs '{"subject":…}'`.
// Prints what it has counted in one batch of each, as one line of JSON.
import { createHook } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { executedIn } from './executed.mjs';
import { isOwn, load } from './subjects.mjs';
import { batchOf, WORKLOADS } from './workloads.mjs';

const { subject, allocated, executed } = JSON.parse(process.argv[2]);

// A drain lets the event loop turn when it has held it for too long. Here the clock stands still, so that a slow machine counts
// what a quick one does. The library takes the clock when it is loaded.
performance.now = () => 0;

/** Batches before anything is counted, in which code is compiled and shapes of objects are learned. */
const WARM_UP = 2;
/** Of so many batches the smallest growth counts: where an object does not fit into what is left of a page, that is lost. */
const ROUNDS = 5;

const prepare = async (workload) => {
  const batch = batchOf(workload, await load(subject, workload));
  for (let round = 0; round < WARM_UP; round++) await batch();
  return batch;
};

const countBytes = async (batch) => {
  const collections = new GCProfiler();
  collections.start();
  let bytes = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const before = getHeapStatistics().used_heap_size;
    await batch();
    bytes = Math.min(bytes, getHeapStatistics().used_heap_size - before);
  }
  if (collections.stop().statistics.length > 0)
    throw new Error('The heap was collected: --min-semi-space-size is too small for what is allocated');
  return bytes;
};

/** Async resources, and how often a promise or `queueMicrotask` has entered a function. */
const countResources = async (batch) => {
  const counts = { promises: 0, microtasks: 0, resources: 0 };
  const inMicrotasks = new Set();
  const hook = createHook({
    init(id, type) {
      if (type === 'PROMISE') counts.promises++;
      else counts.resources++;
      if (type === 'PROMISE' || type === 'Microtask') inMicrotasks.add(id);
    },
    before(id) {
      if (inMicrotasks.has(id)) counts.microtasks++;
    },
  });
  hook.enable();
  await batch();
  hook.disable();
  return counts;
};

/** What one workload leaves behind it. What other workloads did before would show in it. */
const countAllocated = async (workload) => {
  const batch = await prepare(workload);
  const bytes = await countBytes(batch);
  // Hooks cost something themselves: they come last.
  return { bytes, ...(await countResources(batch)) };
};

/** Starts counting what is executed, and gives a function that tells by file what was since the last time. */
const startCoverage = () => {
  const session = new Session();
  session.connect();
  const post = (method, parameters) => {
    let answer;
    // The profiler answers at once.
    session.post(method, parameters, (error, result) => {
      if (error !== null) throw new Error(error.message);
      answer = result;
    });
    return answer;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return () => post('Profiler.takePreciseCoverage').result;
};

/** Of the subject's own code. */
const countExecuted = async (workloads) => {
  const counts = {};
  // Before the subject is loaded: only what is compiled from here on has counters.
  const takeCoverage = startCoverage();
  for (const workload of workloads) {
    const batch = await prepare(workload);
    takeCoverage();
    await batch();
    const own = { calls: 0, tokens: 0 };
    for (const { url, functions } of takeCoverage()) {
      if (!isOwn(subject, url)) continue;
      const { calls, tokens } = executedIn(readFileSync(new URL(url), 'utf8'), functions);
      own.calls += calls;
      own.tokens += tokens;
    }
    counts[workload.name] = own;
  }
  return counts;
};

const named = (names) => WORKLOADS.filter(({ name }) => names.includes(name));

const counts = executed ? await countExecuted(named(executed)) : await countAllocated(...named([allocated]));
console.log(JSON.stringify(counts));
