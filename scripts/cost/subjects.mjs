// Who does the workloads.
import { AsyncLocalStorage } from 'node:async_hooks';

/** What the library is counted beside. */
export const BASE = 'by hand';

/** What a workload costs by itself: it is taken off the counts of the others. */
export const IN_PLACE = 'in place';

/** The files whose calls and tokens are counted. */
const OWN = {
  deferqueue: [new URL('../../dist/', import.meta.url).href, 'node_modules/'],
  [BASE]: [new URL('by-hand.mjs', import.meta.url).href],
  [IN_PLACE]: [],
};

export const SUBJECTS = Object.keys(OWN);

/** Only the library does all workloads: by hand, some would be a library. */
export const canDo = (subject, { onlyLibrary }) => !(onlyLibrary && subject === BASE);

/** Whether the code at an address is the subject's own, with what it depends on. */
export const isOwn = (subject, url) =>
  url.startsWith('file:') && OWN[subject].some((part) => url.includes(part));

const LOADERS = {
  async deferqueue(concurrency) {
    const library = await import('../../dist/index.js');
    if (concurrency === undefined) return library;
    const settings = { concurrency };
    return { ...library, withOperation: (fn) => library.withOperation(settings, fn) };
  },

  async [BASE](concurrency) {
    const { defer, withOperation, withLanes } = await import('./by-hand.mjs');
    return { defer, withOperation: concurrency === undefined ? withOperation : withLanes(concurrency) };
  },

  [IN_PLACE](concurrency) {
    // Up to Node.js 22, promises cost more from the first use of a storage on: in the others there is one, too.
    new AsyncLocalStorage().run({}, () => {});
    const beside = async (fn) => {
      fn();
      // Nobody waits for works here: they all have run after a few microtasks.
      for (let left = 3; left > 0; left--) await Promise.resolve();
    };
    return {
      withOperation: concurrency === undefined ? (fn) => fn() : beside,
      withTask: (_name, fn) => fn(),
      defer: (work) => {
        void work();
      },
    };
  },
};

/** The functions that a workload is written over. */
export const load = (subject, { concurrency }) => LOADERS[subject](concurrency);
