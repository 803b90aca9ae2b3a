// By hand, over the carrier that came before AsyncLocalStorage. It watches every promise of its process.
import { createRequire } from 'node:module';
import { nestedCalls } from './nested-calls.mjs';
import { runQueue } from './run-queue.mjs';

export const title = 'by hand, over cls-hooked';
export const order = 'fifo';
export const rounds = 1;
export const peer = 'cls-hooked';

export const load = ({ concurrency }) => {
  const namespace = createRequire(import.meta.url)('cls-hooked').createNamespace('bench');
  const body = nestedCalls((work) => namespace.get('queue').push(work));
  return (plan) =>
    namespace.runPromise(async () => {
      const queue = namespace.set('queue', []);
      const result = await body(plan);
      if (concurrency > 1) await runQueue(queue, concurrency);
      else for (const work of queue) await work();
      return result;
    });
};
