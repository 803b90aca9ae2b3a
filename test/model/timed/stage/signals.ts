import { TimedSignal } from '../contract/timed-signal.js';
import type { ModelWork } from '../contract/entities.js';
import { cancel } from '../contract/registration.js';
import type { SignalPlan, Statement } from '../program/timed-program.js';
import { nth } from './nth.js';
import type { Scope } from './scope.js';
import type { Stage, StagedSignal } from './stage.js';

/** The signal that a plan asks for, in the model and in the library. */
export function signalOf(plan: SignalPlan, stage: Stage): StagedSignal | undefined {
  if (plan === 'none') return undefined;
  const signal: StagedSignal = {
    model: new TimedSignal(),
    controller: new AbortController(),
    work: undefined,
  };
  if (plan === 'later') stage.controllers.push(signal);
  else abort(signal, new Error('aborted before'), stage);
  return signal;
}

function abort({ model, controller }: StagedSignal, reason: Error, { world }: Stage): void {
  model.abort(reason, world.step);
  controller.abort(reason);
}

export function performAbort({ signal }: Statement & { kind: 'abort' }, { stage }: Scope): undefined {
  const staged = nth(stage.controllers, signal);
  if (staged === undefined || staged.model.aborted) return;
  const { world } = stage;
  const { work } = staged;
  if (work !== undefined && isBeingAbandoned(work, stage)) return;
  stage.happens(`abort the signal of ${work?.name ?? 'an operation'}`);
  const reason = new Error('aborted later');
  if (work !== undefined) {
    if (!cancel(world, work, reason) && work.state === 'running') work.signal.abort(reason, world.step);
  }
  abort(staged, reason, stage);
}

/** While the discards of a cut are called, it is not said whether those that come later are still queued. */
const isBeingAbandoned = ({ state, endedIn }: ModelWork, { world }: Stage): boolean =>
  state === 'abandoned' && endedIn === world.step;

export function performCancel({ work }: Statement & { kind: 'cancel' }, { stage }: Scope): undefined {
  const pair = nth(stage.works, work);
  if (pair === undefined) return;
  const { model, library } = pair;
  if (isBeingAbandoned(model, stage)) return;
  stage.happens(`cancel ${model.name}`);
  const expected = cancel(stage.world, model);
  const seen = library.cancel();
  if (seen !== expected)
    stage.world.complain(`cancel of ${model.name} gives ${seen}, and it was ${model.state}`);
}
