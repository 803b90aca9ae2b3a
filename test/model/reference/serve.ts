import type { EndState } from 'deferqueue';
import type { ModelWork } from './entities.js';
import type { Model } from './model.js';
import { outcomeOf, type ModelOutcome } from './outcome.js';

/** Performs a part of a work in the context of its registration (G13), with the operation that it waits in (G14). */
function enter(model: Model, work: ModelWork, part: () => unknown): ModelOutcome {
  const { operation, task, registration } = work;
  const context = { operation, task, by: work, foreign: registration.foreign };
  work.isEntered = true;
  const outcome = outcomeOf(() => model.within(context, part));
  work.isEntered = false;
  return outcome;
}

/** G16: whether the work runs after that outcome. */
const isFor = ({ on }: ModelWork, { status }: ModelOutcome): boolean =>
  on === 'always' || (on === 'success') === (status === 'fulfilled');

/** A work that was taken from its queue (G19): runs it, or skips and discards it. In a flush there is no outcome. */
export function serve(model: Model, work: ModelWork, outcome: ModelOutcome | undefined): void {
  if (outcome !== undefined && !isFor(work, outcome)) discard(model, work, 'skipped');
  else run(model, work, outcome);
}

function run(model: Model, work: ModelWork, outcome: ModelOutcome | undefined): void {
  const { operation, task, queue, data, signal, registration } = work;
  const view = { data, outcome, signal, name: registration.options.name, operation: operation.view, task };
  const wasBusy = queue.isBusy;
  queue.isBusy = true;
  operation.running += 1;
  work.state = 'running';
  const ended = enter(model, work, () => registration.run(view));
  operation.running -= 1;
  queue.isBusy = wasBusy;
  if (ended.status === 'fulfilled') return end(work, 'ran');
  end(work, 'failed', ended.reason);
  model.fail(operation, ended.reason, work.row('failed', ended.reason));
}

/** Ends a work that will never run, and tells it so. A failure of that does not change how it ended. */
export function discard(model: Model, work: ModelWork, state: 'skipped' | 'cancelled' | 'replaced'): void {
  const { operation, data, registration } = work;
  end(work, state);
  const ended = enter(model, work, () => registration.options.discard?.(state, data));
  if (ended.status === 'rejected') model.fail(operation, ended.reason, work.row(state));
}

export function cancel(model: Model, work: ModelWork): boolean {
  if (work.state !== 'queued' || !work.queue.works.includes(work)) return false;
  work.queue.remove(work);
  discard(model, work, 'cancelled');
  return true;
}

/** G22: the one end of a work. */
function end(work: ModelWork, state: Exclude<EndState, 'promoted'>, reason?: unknown): void {
  work.state = state;
  work.report = work.row(state, reason);
  work.operation.ledger.rows.push(work.report);
}
