// Counts what a library does in one workload: `node <FLAGS> scripts/cost/count.mjs '{"workload":…,"library":…}'`.
// Prints the counts of one operation as JSON.
import { createHook } from 'node:async_hooks';
import { Session } from 'node:inspector';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { batchOf, WORKLOADS } from './workloads.mjs';

const { workload, library } = JSON.parse(process.argv[2]);
const own = [new URL('.', library).href, 'node_modules/'];

// A drain yields to the event loop when it has held it for too long. This clock stands still, so that a slow machine counts
// what a quick one does. The library takes the clock when it is loaded.
performance.now = () => 0;

/** Batches before anything is counted, in which code is compiled and the shapes of objects are learned. */
const WARM_UP = 2;
/** The smallest growth of so many batches counts: where an object does not fit into what is left of a page, that is lost. */
const ROUNDS = 5;

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

const countPromises = async (batch) => {
  let promises = 0;
  const hook = createHook({ init: (_id, type) => (promises += type === 'PROMISE' ? 1 : 0) });
  hook.enable();
  await batch();
  hook.disable();
  return promises;
};

/** Calls of the library's functions and of those that it depends on. An async function counts again after each await. */
const countCalls = async (batch) => {
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
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await batch();
  return post('Profiler.takePreciseCoverage')
    .result.filter(({ url }) => url.startsWith('file:') && own.some((part) => url.includes(part)))
    .flatMap(({ functions }) => functions)
    .reduce((calls, { ranges: [range] }) => calls + range.count, 0);
};

const batch = batchOf(workload, await import(library));
for (let round = 0; round < WARM_UP; round++) await batch();
// Hooks and the profiler allocate: bytes come first.
const counts = {
  bytes: await countBytes(batch),
  promises: await countPromises(batch),
  calls: await countCalls(batch),
};
const { runs } = WORKLOADS[workload];
console.log(
  JSON.stringify(
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Math.round(count / runs)])),
  ),
);
