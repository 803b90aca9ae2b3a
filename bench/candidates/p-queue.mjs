// A paused queue for each operation, started at its end. The library that deferqueue's concurrent drain is made of.
import PQueue from 'p-queue';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'p-queue';
export const order = 'fifo';
export const peer = 'p-queue';
export const isPassedAlong = true;

export const load = ({ concurrency }) => {
  const body = nestedCalls((work, { queue, added }) => added.push(queue.add(work)));
  return async (plan) => {
    const queue = new PQueue({ concurrency, autoStart: false });
    const added = [];
    const result = await body(plan, { queue, added });
    if (added.length > 0) {
      queue.start();
      await Promise.all(added);
      // What works have added.
      await queue.onIdle();
    }
    return result;
  };
};
