// What was deferred, how long it waited, and where it came from: by listening to channels, with no change of the code that defers.
import { subscribe } from 'node:diagnostics_channel';
import { defer, intercept, settleOperation } from 'deferqueue';
import type { ChannelMessages, ChannelName, ObservedWork } from 'deferqueue';

const listen = <Name extends ChannelName>(
  name: Name,
  listener: (message: ChannelMessages[Name]) => void,
): void => subscribe(name, listener as (message: unknown) => void);

// Known of works as long as they live, and not longer.
const registered = new WeakMap<ObservedWork, { readonly after: number; readonly where: string }>();
let count = 0;

listen('deferqueue:work:register', ({ work, trace = '' }) => {
  const [, where = 'somewhere'] = /^\s+at (\S+)/.exec(trace) ?? [];
  registered.set(work, { after: count, where });
  console.log(`deferred   ${work.name} by ${where}`);
});
listen('deferqueue:work:start', () => count++);
listen('deferqueue:work:end', ({ work, report }) => {
  const { after = 0, where } = registered.get(work) ?? {};
  console.log(`${report.state.padEnd(10)} ${work.name}, from ${where}, after ${count - after - 1} others`);
});
listen('deferqueue:operation:boundary', ({ operation, outcome }) =>
  console.log(`boundary   ${operation.name}: ${outcome.status}, ${operation.pending} to run`),
);
listen('deferqueue:operation:close', ({ operation, report }) =>
  console.log(`closed     ${operation.name}: ${report.counts.ran} ran, ${report.counts.failed} failed`),
);

/** Tries a work once more before it counts as failed. */
intercept({
  async work(work, run) {
    try {
      return await run();
    } catch (error) {
      console.log(`again      ${work.name}, since: ${(error as Error).message}`);
      return run();
    }
  },
});

let requests = 0;

const indexDocument = (): void => {
  const index = async (): Promise<void> => {
    requests++;
    if (requests === 1) throw new Error('the index is busy');
  };
  defer(index, { name: 'index' });
};

const saveDocument = async (): Promise<void> => {
  defer(() => Promise.reject(new Error('nobody is there')), { name: 'notify' });
  indexDocument();
};

await settleOperation({ name: 'save', trace: true }, saveDocument);
