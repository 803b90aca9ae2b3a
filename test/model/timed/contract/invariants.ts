import type { ModelDrain, ModelWork } from './entities.js';
import type { World } from './world.js';

// What holds whatever the order: counted over what is entered and has not settled, without asking whose turn it was.

const inFlight = ({ running }: ModelDrain): ModelWork[] =>
  [...running].filter(({ outcome }) => outcome === undefined);

/** G11: limits are kept, and the phases of the boundary do not overlap. Called when something has been entered. */
export function checkLimits(world: World, { drain, task, operation, name }: ModelWork): void {
  if (drain === undefined) return;
  const running = inFlight(drain);
  if (running.length > drain.limit) world.complain(`${running.length} run with ${name}, of ${drain.limit}`);
  if (drain !== operation.drain) return;
  const ofTask = running.filter((each) => each.task === task);
  if (task !== undefined && ofTask.length > task.limit)
    world.complain(`${ofTask.length} of ${task.name} run with ${name}, of ${task.limit}`);
  const isOwn = (each: ModelWork): boolean => each.task === undefined;
  if (running.some(isOwn) !== running.every(isOwn)) world.complain(`${name} runs in two phases at once`);
  const { disposing } = operation;
  if (disposing !== undefined && disposing.outcome === undefined)
    world.complain(`${name} runs while ${disposing.label} is disposed`);
}

/** G19, G22: at the end, each work has ended in one state, and had one of its functions entered, if it had one for that. */
export function checkEnds(world: World): void {
  for (const { state, registered, rows, name } of world.operations) {
    if (state === 'closed' && rows.length !== registered)
      world.complain(`${name} has ${rows.length} ends of ${registered} works`);
  }
  for (const { state, entered, name, registration } of world.works) {
    if (state === 'queued' || state === 'running') continue;
    const hasRun = state === 'ran' || state === 'failed' || state === 'timed-out';
    const expected = hasRun ? 'run' : registration.hasDiscard ? 'discard' : 'nothing';
    if (entered !== expected) world.complain(`${name} is ${state}, and its ${entered} was entered`);
  }
}
