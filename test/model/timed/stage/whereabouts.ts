import { foreign, type Stage } from './stage.js';
import type { Scope } from './scope.js';

/** G13, G14: every function finds itself where the contract says. */
export function checkPlace(stage: Stage, label: string, { operation, task, token }: Scope['place']): void {
  const { runtime, world } = stage;
  const read = foreign.getStore();
  if (read !== token) world.complain(`${label} reads ${read} in place of ${token}`);
  const current = runtime.currentOperation();
  // The handle that `openOperation` returned is another object, with the same id.
  const expected = stage.operations.find(({ model }) => model === operation)?.library;
  if (current?.id !== expected?.id)
    world.complain(`${label} is in ${current?.name}, not in ${operation?.name}`);
  const currentTask = runtime.currentTask();
  if (currentTask !== stage.tasks.find(({ model }) => model === task)?.library)
    world.complain(`${label} is in ${currentTask?.name}, not in ${task?.name}`);
}
