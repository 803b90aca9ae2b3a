// What is counted. Each workload is written once, over the functions that a subject has (see subjects.mjs).

/** How many works have run in this process. */
export let ran = 0;

// All works of a kind are one function: closures are the user's, and cost the same in every subject.
const syncWork = () => {
  ran++;
};
const asyncWork = async () => {
  ran++;
};
/** Settles later than at once, so that others run beside it. */
const slowWork = async () => {
  await Promise.resolve();
  await Promise.resolve();
  ran++;
};

const nestedCalls = async (depth, innermost) => {
  if (depth === 0) innermost();
  else await nestedCalls(depth - 1, innermost);
};

const deferring = (defer, works, work) => () => {
  for (let index = 0; index < works; index++) defer(work);
};

const indices = Array.from({ length: 100 }, (_none, index) => index);
const options = indices.map((index) => ({ name: 'index', key: `row ${index}`, data: { row: index } }));

/**
 * `per` is what the counts are told for: one operation, or one of its works. `runs` is how often the operation is run in a row,
 * `works` how many works that runs each time. `start` makes the function that does it once. `onlyLibrary` is set
 * where nothing is written by hand to compare with.
 */
export const WORKLOADS = [
  {
    name: 'w1',
    title: 'an operation that defers nothing',
    per: 'operation',
    works: 0,
    runs: 200,
    start: ({ withOperation }) => {
      const body = async () => {};
      return () => withOperation(body);
    },
  },
  {
    name: 'w2',
    title: 'five nested async calls, 1 work',
    per: 'operation',
    works: 1,
    runs: 100,
    start: ({ withOperation, defer }) => {
      const body = () => nestedCalls(5, deferring(defer, 1, asyncWork));
      return () => withOperation(body);
    },
  },
  {
    name: 'w3',
    title: 'five nested async calls, 10 async works',
    per: 'operation',
    works: 10,
    runs: 50,
    start: ({ withOperation, defer }) => {
      const body = () => nestedCalls(5, deferring(defer, 10, asyncWork));
      return () => withOperation(body);
    },
  },
  {
    name: 'w4',
    title: '1,000 async works in one operation',
    per: 'work',
    works: 1000,
    runs: 1,
    start: ({ withOperation, defer }) => {
      const body = deferring(defer, 1000, asyncWork);
      return () => withOperation(body);
    },
  },
  {
    name: 'w5',
    title: '1,000 sync works in one operation',
    per: 'work',
    works: 1000,
    runs: 1,
    start: ({ withOperation, defer }) => {
      const body = deferring(defer, 1000, syncWork);
      return () => withOperation(body);
    },
  },
  {
    name: 'w6',
    title: '100 operations at once, 10 works each',
    per: 'work',
    works: 1000,
    runs: 1,
    start: ({ withOperation, defer }) => {
      const body = () => nestedCalls(1, deferring(defer, 10, asyncWork));
      return () => Promise.all(indices.map(() => withOperation(body)));
    },
  },
  {
    name: 'lanes',
    title: '1,000 works, 10 at once',
    per: 'work',
    works: 1000,
    runs: 1,
    concurrency: 10,
    start: ({ withOperation, defer }) => {
      const body = deferring(defer, 1000, slowWork);
      return () => withOperation(body);
    },
  },
  {
    name: 'options',
    title: '100 works with a name, a key and data',
    per: 'work',
    works: 100,
    runs: 5,
    onlyLibrary: true,
    start: ({ withOperation, defer }) => {
      const body = () => {
        for (const own of options) defer(asyncWork, own);
      };
      return () => withOperation(body);
    },
  },
  {
    name: 'tasks',
    title: '10 tasks at once, 10 works each, 2 of them at the end of their task',
    per: 'work',
    works: 100,
    runs: 5,
    onlyLibrary: true,
    start: ({ withOperation, withTask, defer }) => {
      const atTaskEnd = { until: 'task' };
      const part = async () => {
        for (let index = 0; index < 8; index++) defer(asyncWork);
        for (let index = 0; index < 2; index++) defer(asyncWork, atTaskEnd);
      };
      const body = () => Promise.all(indices.slice(0, 10).map(() => withTask('part', part)));
      return () => withOperation(body);
    },
  },
  {
    name: 'nested',
    title: 'an operation with 10 nested ones after one another, 1 work each',
    per: 'work',
    works: 10,
    runs: 30,
    start: ({ withOperation, defer }) => {
      const inner = deferring(defer, 1, asyncWork);
      const body = async () => {
        for (let index = 0; index < 10; index++) await withOperation(inner);
      };
      return () => withOperation(body);
    },
  },
];

/** How many parts one batch of a workload has, each of which the counts are told for. */
export const partsOf = ({ per, works, runs }) => runs * (per === 'work' ? works : 1);

/** Does a workload as often as it says, and throws unless all of its works have run. */
export const batchOf = ({ name, works, runs, start }, subject) => {
  const once = start(subject);
  return async () => {
    const before = ran;
    for (let run = 0; run < runs; run++) await once();
    if (ran - before !== runs * works)
      throw new Error(`${name}: ${ran - before} works ran, and not ${runs * works}`);
  };
};
