// What the primitives cost that the design was chosen by, in nanoseconds a call: `node scripts/measure-primitives.mjs`.
// Machines differ and are noisy: compare the lines of one run, not two runs.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

const CALLS = 500_000;
const ROUNDS = 5;
let sink = 0;

const measure = (name, call) => {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < CALLS; index++) sink ^= call() ? 1 : 0;
    best = Math.min(best, Number(process.hrtime.bigint() - start) / CALLS);
  }
  console.log(`${best.toFixed(0).padStart(6)}  ${name}`);
};

const storage = new AsyncLocalStorage();
const now = performance.now.bind(performance);
const identity = (value) => value;
const enter = (value, result) => {
  storage.enterWith(value);
  return result;
};

console.log(`node ${process.version}, ns a call, best of ${ROUNDS} rounds of ${CALLS}`);
storage.run({}, () => {
  const resource = new AsyncResource('measured');
  measure('new AsyncResource', () => new AsyncResource('measured'));
  measure('asyncResource.runInAsyncScope', () => resource.runInAsyncScope(identity, undefined, true));
  measure('AsyncLocalStorage.snapshot', () => AsyncLocalStorage.snapshot());
  measure('asyncLocalStorage.run', () => storage.run(resource, identity, true));
  measure('the scope of a new AsyncResource, entered', () => {
    const scope = new AsyncResource('measured');
    return scope.runInAsyncScope(enter, undefined, resource, true);
  });
  measure('the scope of one that is there, entered', () =>
    resource.runInAsyncScope(enter, undefined, resource, true),
  );
  measure('asyncLocalStorage.getStore', () => storage.getStore());
  measure('performance.now', () => now() > 0);
  measure('nodeTiming.uvMetricsInfo', () => performance.nodeTiming.uvMetricsInfo.loopCount > 0);
});
if (sink > 1) console.log(sink);
