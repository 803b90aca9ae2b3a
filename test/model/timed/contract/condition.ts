import type { ModelOperation, ModelWork, Outcome } from './entities.js';

/** The operations from where a work was registered to where it waits, the innermost first (G18). */
export function wayOf({ registration, operation }: ModelWork): ModelOperation[] {
  const way: ModelOperation[] = [];
  for (let on: ModelOperation | undefined = registration.operation; on !== operation; on = on.parent) {
    if (on === undefined) break;
    way.push(on);
  }
  return way;
}

/** What the work's condition asks for and `work.outcome` tells (G16, G18). */
export function outcomeFor(work: ModelWork): Outcome | undefined {
  const { registration, task, operation, isPromoted } = work;
  if (registration.until === 'task' && !isPromoted) return task?.outcome;
  const way = wayOf(work);
  const failed = way.find(({ outcome }) => outcome?.status === 'rejected');
  const left = way.find(({ leftBehind }) => leftBehind !== undefined);
  if (failed === undefined && left !== undefined) return { status: 'rejected', reason: left.leftBehind };
  return (failed ?? operation).outcome;
}

/** Whether the work runs after that outcome. */
export function isFor({ registration: { on } }: ModelWork, outcome: Outcome | undefined): boolean {
  return on === 'always' || (on === 'success') === (outcome?.status === 'fulfilled');
}

/** Whether its turn ends it and nobody sees: it is skipped, and has no discard to be entered. */
export const isSilent = (work: ModelWork): boolean =>
  !work.registration.hasDiscard && !isFor(work, outcomeFor(work));
