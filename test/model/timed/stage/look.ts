import type { TimedSignal } from '../contract/timed-signal.js';
import type { Scope } from './scope.js';
import type { Stage } from './stage.js';

/** G15: looks at the signals that the function sees. */
export function look({ stage, place, work }: Scope): undefined {
  stage.happens(`${place.token} looks`);
  const operation = stage.operations.find(({ model }) => model === place.operation);
  const task = stage.tasks.find(({ model }) => model === place.task);
  if (work !== undefined) compare(stage, `${work.model.name}.signal`, work.library.signal, work.model.signal);
  // Whether the signals of what has ended still follow others is not said.
  if (operation !== undefined && operation.model.state !== 'closed')
    compare(stage, `${operation.model.name}.signal`, operation.library.signal, operation.model.signal);
  if (task !== undefined && task.model.state !== 'closed' && operation?.model.state !== 'closed')
    compare(stage, `${task.model.name}.signal`, task.library.signal, task.model.signal);
}

function compare({ world }: Stage, label: string, seen: AbortSignal, expected: TimedSignal): void {
  if (seen.aborted !== expected.aborted) {
    // What has happened in this very step may be on its way.
    if (!seen.aborted && expected.step === world.step) return;
    return world.complain(`${label} ${seen.aborted ? 'is' : 'is not'} aborted`);
  }
  if (expected.aborted && !expected.isReason(seen.reason))
    world.complain(`${label} is aborted with ${String(seen.reason)}, not ${String(expected.reason)}`);
}
