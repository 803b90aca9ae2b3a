import assert from 'node:assert/strict';

/** A promise that the case settles itself. */
export const gate = () => {
  let open;
  let fail;
  const passed = new Promise((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
};

export const never = () => new Promise(() => {});

/** One turn of the event loop. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Until nothing goes on any more. */
export const rest = async () => {
  for (let turns = 0; turns < 3; turns++) await turn();
};

/** What the promise rejects with; that it does is part of the claim. */
export const rejection = async (promise) => {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`nothing was rejected, it fulfilled with ${String(value)}`);
};

/** What the function throws; that it does is part of the claim. */
export const thrown = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
};

/** The counts of a report that are not zero. */
export const counted = (report) => Object.fromEntries(Object.entries(report.counts).filter(([, n]) => n > 0));

export { assert };
