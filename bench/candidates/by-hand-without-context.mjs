// The least there is: an array, passed through every call.
import { nestedCalls } from './nested-calls.mjs';
import { runQueue } from './run-queue.mjs';

export const title = 'by hand, passed along';
export const order = 'fifo';
export const isPassedAlong = true;

export const load = ({ concurrency }) => {
  const body = nestedCalls((work, queue) => queue.push(work));
  if (concurrency > 1) {
    return async (plan) => {
      const queue = [];
      await body(plan, queue);
      await runQueue(queue, concurrency);
    };
  }
  return async (plan) => {
    const queue = [];
    await body(plan, queue);
    for (const work of queue) await work();
  };
};
