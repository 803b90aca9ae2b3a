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

/** `runs` is how often the workload is performed, `items` how many work items run each time. Counts are for each operation. */
export const WORKLOADS = {
  'an operation that defers nothing': {
    runs: 200,
    items: 0,
    start: ({ withOperation }) => {
      const body = async () => {};
      return () => withOperation(body);
    },
  },
  'five nested calls, 10 work items': {
    runs: 50,
    items: 10,
    start: ({ withOperation, defer }) => {
      const body = () => nested(5, deferring(defer, 10, work));
      return () => withOperation(body);
    },
  },
  'openOperation, run, 3 work items, close': {
    runs: 100,
    items: 3,
    start: ({ openOperation, defer }) => {
      const body = deferring(defer, 3, work);
      return async () => {
        const operation = openOperation();
        await operation.run(body);
        await operation.close();
      };
    },
  },
  '1,000 work items': {
    runs: 1,
    items: 1000,
    start: ({ withOperation, defer }) => {
      const body = deferring(defer, 1000, work);
      return () => withOperation(body);
    },
  },
  '1,000 work items, 10 at once': {
    runs: 1,
    items: 1000,
    start: ({ withOperation, defer }) => {
      const body = deferring(defer, 1000, slowWork);
      const options = { concurrency: 10 };
      return () => withOperation(options, body);
    },
  },
  '10 tasks with 10 work items, some with options': {
    runs: 5,
    items: 90,
    start: ({ withOperation, withTask, defer }) => {
      const part = async () => {
        deferring(defer, 7, work)();
        defer(work, atTaskEnd);
        // The second replaces the first.
        for (const options of [named, named]) defer(work, options);
      };
      return () => withOperation(() => Promise.all(Array.from({ length: 10 }, () => withTask('part', part))));
    },
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
