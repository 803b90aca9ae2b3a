import { drainInProgress, noOperation, operationClosed } from './contract-error.js';
import type { ModelOperation, ModelTask, ModelWork } from './entities.js';
import type { Model } from './model.js';
import { serve } from './serve.js';

/** G12: runs the `always` works of one queue, and what they add to it, and says how many were entered. */
export function flush(
  model: Model,
  operation: ModelOperation | undefined,
  task: ModelTask | undefined,
): number {
  if (operation === undefined) throw noOperation();
  if (operation.state === 'closed') throw operationClosed();
  const queue = (task ?? operation).untilOperation;
  if (queue.isBusy) throw drainInProgress();
  queue.isBusy = true;
  const take = (): ModelWork | undefined => queue.take(({ on }) => on === 'always');
  let entered = 0;
  for (let work = take(); work !== undefined; work = take()) {
    entered += 1;
    serve(model, work, undefined);
  }
  queue.isBusy = false;
  return entered;
}
