// What is counted. Each workload gets the functions of the library, and returns the function that performs it once.

/** How many work items have run in this process. */
export let ran = 0;

// All work items are one function: closures are the user's.
const work = async () => {
  ran++;
};
/** Settles later, so that others run at the same time. */
const slowWork = async () => {
  await Promise.resolve();
  await Promise.resolve();
  ran++;
};

const deferring = (defer, items, item) => () => {
  for (let index = 0; index < items; index++) defer(item);
};

/** Calls in calls, as in an application. */
const nested = async (depth, innermost) => {
  if (depth === 0) innermost();
  else await nested(depth - 1, innermost);
};

const atTaskEnd = { until: 'task' };
const named = { name: 'index', key: 'row', data: { row: 1 } };

/** An operation with the function that `bodyOf` makes for a library. */
const operation = (bodyOf, options) => (library) => {
  const body = bodyOf(library);
  const args = options === undefined ? [body] : [options, body];
  return () => library.withOperation(...args);
};

/** `runs` is how often the workload is performed, `items` how many work items run each time. Counts are for each operation. */
export const WORKLOADS = {
  'an operation that defers nothing': {
    runs: 200,
    items: 0,
    start: operation(() => async () => {}),
  },
  'five nested calls, 10 work items': {
    runs: 50,
    items: 10,
    start: operation(
      ({ defer }) =>
        () =>
          nested(5, deferring(defer, 10, work)),
    ),
  },
  'openOperation, run, 3 work items, close': {
    runs: 100,
    items: 3,
    start: ({ openOperation, defer }) => {
      const body = deferring(defer, 3, work);
      return async () => {
        const opened = openOperation();
        await opened.run(body);
        await opened.close();
      };
    },
  },
  '1,000 work items': {
    runs: 1,
    items: 1000,
    start: operation(({ defer }) => deferring(defer, 1000, work)),
  },
  '1,000 work items, 10 at once': {
    runs: 1,
    items: 1000,
    start: operation(({ defer }) => deferring(defer, 1000, slowWork), { concurrency: 10 }),
  },
  '10 tasks with 10 work items, some with options': {
    runs: 5,
    items: 90,
    start: operation(({ withTask, defer }) => {
      const part = async () => {
        deferring(defer, 7, work)();
        defer(work, atTaskEnd);
        // The second replaces the first.
        for (const options of [named, named]) defer(work, options);
      };
      return () => Promise.all(Array.from({ length: 10 }, () => withTask('part', part)));
    }),
  },
};

/** Performs a workload as often as it says, and throws unless all of its work items have run. */
export const batchOf = (name, library) => {
  const { runs, items, start } = WORKLOADS[name];
  const once = start(library);
  return async () => {
    const before = ran;
    for (let run = 0; run < runs; run++) await once();
    if (ran - before !== runs * items)
      throw new Error(`${name}: ${ran - before} work items ran, and not ${runs * items}`);
  };
};
