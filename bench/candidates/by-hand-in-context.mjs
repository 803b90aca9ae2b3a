// What a careful engineer writes without a library who does not leave out what "by hand" does: each work runs in the context in which it
// was deferred (G13), and all of them run, whatever fails (G16, G20, G21). It is what those guarantees take at the least.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { nestedCalls } from './nested-calls.mjs';
import { runQueue } from './run-queue.mjs';

export const title = 'by hand, in context';
export const order = 'fifo';

/** Those that Node.js takes where there are none, as an object that it is quick to read. */
const OPTIONS = { triggerAsyncId: undefined, requireManualDestroy: false };

const inContext = (run) => ({ run, resource: new AsyncResource('work', OPTIONS) });

export const load = ({ concurrency }) => {
  const storage = new AsyncLocalStorage();
  const body = nestedCalls((work) => storage.getStore().queue.push(inContext(work)));
  return (plan) => {
    const store = { queue: [] };
    return storage.run(store, async () => {
      const errors = [];
      let result;
      try {
        result = await body(plan);
      } catch (error) {
        errors.push(error);
      }
      const hasFailed = errors.length > 0;
      if (concurrency > 1) {
        const entered = store.queue.map((work) => async () => {
          try {
            await work.resource.runInAsyncScope(work.run);
          } catch (error) {
            errors.push(error);
          }
        });
        await runQueue(entered, concurrency);
      } else {
        for (const work of store.queue) {
          try {
            const pending = work.resource.runInAsyncScope(work.run);
            if (pending !== undefined) await pending;
          } catch (error) {
            errors.push(error);
          }
        }
      }
      if (hasFailed) throw errors[0];
      if (errors.length > 0) throw new AggregateError(errors);
      return result;
    });
  };
};
