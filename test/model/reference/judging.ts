import type { ModelOperation, ModelWork } from './entities.js';
import type { ModelOutcome } from './outcome.js';

/** The operations that judge a work before the one where it waits, the innermost first. */
export function pathOf({ registration, operation, isJudgedAlone }: ModelWork): ModelOperation[] {
  const end = isJudgedAlone ? registration.operation.boundary.parent : operation;
  const path: ModelOperation[] = [];
  for (let on: ModelOperation | undefined = registration.operation; on && on !== end; on = on.parent)
    path.push(on);
  return path;
}

/** The outcome that a work sees: of the innermost operation on its way that failed, else of the last that judges it. */
export function outcomeFor(work: ModelWork): ModelOutcome | undefined {
  const failed = pathOf(work).find((on) => on.known?.status === 'rejected');
  if (failed !== undefined) return failed.known;
  return (work.isJudgedAlone ? work.registration.operation.boundary : work.operation).known;
}
