import type { ModelWork, Outcome } from './entities.js';
import { fail, record, type World } from './world.js';

/** What was entered of a work has settled. Its slot is free once the library has noticed: see `free`. */
export function settleEntered(work: ModelWork, outcome: Outcome): void {
  // What a timed-out work does later is dropped.
  if (work.state === 'timed-out') return;
  work.outcome = outcome;
  if (work.drain !== undefined || work.entered !== 'discard') return;
  work.operation.discards.delete(work);
  if (outcome.status === 'rejected') fail(work.operation, outcome.reason);
}

/** Ends a work that has settled, and frees its slot. */
export function free(work: ModelWork): void {
  const { drain, outcome, operation } = work;
  if (drain === undefined || outcome === undefined) return;
  drain.running.delete(work);
  work.drain = undefined;
  const hasFailed = outcome.status === 'rejected';
  if (work.entered === 'run') {
    work.state = hasFailed ? 'failed' : 'ran';
    work.reason = hasFailed ? outcome.reason : undefined;
    record(operation, work, work.state);
  }
  // A failing discard does not change how the work has ended.
  if (hasFailed) fail(operation, outcome.reason);
}

/** Ends a work that will never run. If it has a discard, that has to be entered (G19). */
export function drop(
  world: World,
  work: ModelWork,
  state: 'skipped' | 'cancelled' | 'replaced' | 'abandoned',
  reason?: unknown,
): void {
  if (work.state !== 'queued') world.complain(`${work.name} is ${state}, though it was ${work.state}`);
  const { operation } = work;
  work.state = state;
  work.reason = reason;
  work.endedIn = world.step;
  record(operation, work, state);
  if (work.registration.hasDiscard && work.drain === undefined) operation.discards.add(work);
}

/** Skips what nobody sees being skipped. */
export function skipSilently(world: World, works: readonly ModelWork[]): void {
  for (const work of works) {
    work.queue.remove(work);
    drop(world, work, 'skipped');
  }
}

/** Frees every slot whose work has settled. */
export function freeAll(works: Iterable<ModelWork>): boolean {
  const settled = [...works].filter(({ outcome }) => outcome !== undefined);
  for (const work of settled) free(work);
  return settled.length > 0;
}
