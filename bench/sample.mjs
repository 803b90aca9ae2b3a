// One measurement, in a process of its own: `node --expose-gc bench/sample.mjs '{"candidate":"deferqueue","workload":"w3",…}'`.
// Its last line is JSON: a value for each metric of the workload.
import { importCandidate } from './candidates/index.mjs';
import { measureLeft, measureMemory } from './heap.mjs';
import { measureHold } from './loop-hold.mjs';
import { ofSamples } from './statistics.mjs';
import { measureTime } from './time.mjs';
import { workloadOf } from './workloads.mjs';

const MEASURES = { time: measureTime, memory: measureMemory, hold: measureHold, left: measureLeft };

const { candidate, workload: name, library, pace } = JSON.parse(process.argv[2]);
const workload = workloadOf(name);
const samples = await MEASURES[workload.measure](await importCandidate(candidate), library, workload, pace);
const values = workload.metrics.map((metric) => [metric, ofSamples(metric, samples[metric])]);
// Some peers print too, and some keep something open.
process.stdout.write(`\n${JSON.stringify(Object.fromEntries(values))}\n`);
process.exit(0);
