import type { DeferOptions, Work } from 'deferqueue';
import { merge } from '../contract/coalescing.js';
import { settleEntered } from '../contract/ends.js';
import type { ModelWork, Outcome } from '../contract/entities.js';
import { defer, type Request } from '../contract/registration.js';
import { enterDiscard, enterRun } from '../contract/starts.js';
import type { Body, DeferStatement } from '../program/timed-program.js';
import { attempt } from './attempt.js';
import { nth } from './nth.js';
import { isSame } from './same.js';
import { entering, type Scope } from './scope.js';
import { signalOf } from './signals.js';
import { foreign } from './stage.js';
import { checkPlace } from './whereabouts.js';
import { noticePromotion } from './synchronize.js';

export function performDefer({ via, plan, run, watched }: DeferStatement, scope: Scope): undefined {
  const { stage, place } = scope;
  const target = via === 'ambient' ? undefined : nth(stage.operations, via);
  if (via !== 'ambient' && target === undefined) return;
  const operation = target?.model ?? place.operation;
  stage.happens(`${place.token} defers`);
  // Whether a work is refused that is cancelled already, is not said.
  if (plan.signal === 'aborted' && operation?.isFull === true) return;
  const name = stage.label('w');
  const signal = signalOf(plan.signal, stage);
  const task = typeof plan.task === 'number' ? nth(stage.tasks, plan.task) : undefined;
  const timeout = plan.timeout === undefined ? undefined : stage.clock.duration(plan.timeout);
  const data = stage.works.length;
  let model: ModelWork | undefined;
  const request: Request = {
    name,
    on: plan.on ?? 'always',
    until: plan.until,
    task: plan.task === 'null' ? null : task?.model,
    key: plan.key,
    coalescing: plan.coalesce ?? 'last',
    hasDiscard: plan.discard !== undefined,
    timeout: timeout ?? Infinity,
    token: name,
    data,
    signal: signal?.model,
  };
  const options: DeferOptions<number> = {
    name,
    data,
    on: plan.on,
    until: plan.until,
    task: plan.task === 'null' ? null : task?.library,
    ...(plan.key === undefined ? undefined : { key: plan.key, coalesce: coalesceOf(plan.coalesce) }),
    ...(plan.discard === undefined ? undefined : { discard: discardOf(plan.discard, scope, () => model) }),
    signal: signal?.controller.signal,
    ...(timeout === undefined ? undefined : { timeout }),
  };
  const ask = (): ModelWork => {
    model = defer(stage.world, place, target?.model, request);
    if (signal !== undefined) signal.work = model;
    return model;
  };
  const enter = (work: Work<number>): unknown => enterWork(work, model, run, scope);
  const pair = attempt(stage, `${place.token} defers ${name}`, ask, () =>
    foreign.run(name, () =>
      target === undefined ? stage.runtime.defer(enter, options) : target.library.defer(enter, options),
    ),
  );
  if (pair === undefined) return;
  stage.works.push(pair);
  // What nobody asks for may be made otherwise than what somebody waits for.
  if (watched) stage.watchWork(pair);
}

const coalesceOf = (plan: DeferStatement['plan']['coalesce']): 'first' | 'last' | typeof merge =>
  plan === 'merge' ? merge : (plan ?? 'last');

function enterWork(work: Work<number>, model: ModelWork | undefined, run: Body, scope: Scope): unknown {
  const { stage } = scope;
  const { world } = stage;
  if (model === undefined) return world.complain('a work is entered that was refused');
  stage.happens(`${model.name} runs`);
  const outcome = enterRun(world, model, work.outcome);
  checkView(work, model, outcome, scope);
  const place = { operation: model.operation, task: model.task, token: model.registration.token };
  checkPlace(stage, model.name, place);
  return scope.call(run, entering(scope, place, { model, library: work }), (ended) =>
    settleEntered(model, ended),
  );
}

/** What a work is told of itself. */
function checkView(
  work: Work<number>,
  model: ModelWork,
  outcome: Outcome | undefined,
  { stage }: Scope,
): void {
  const { name, world } = { name: model.name, world: stage.world };
  if (!isSameOutcome(work.outcome, outcome))
    world.complain(`${name} is told ${JSON.stringify(work.outcome)}`);
  if (work.data !== model.data) world.complain(`${name} has the data ${work.data}, not ${model.data}`);
  if (work.name !== name) world.complain(`${name} is named ${work.name}`);
  if (work.signal.aborted) world.complain(`the signal of ${name} is aborted from the start`);
  if (work.task !== stage.tasks.find((pair) => pair.model === model.task)?.library)
    world.complain(`${name} is told of the task ${work.task?.name}`);
  const operation = stage.operations.find((pair) => pair.model === model.operation)?.library;
  if (work.operation.id !== operation?.id) world.complain(`${name} is told of ${work.operation.name}`);
}

function isSameOutcome(seen: Outcome | undefined, expected: Outcome | undefined): boolean {
  if (seen === undefined || expected === undefined) return seen === expected;
  if (seen.status === 'fulfilled') return expected.status === 'fulfilled' && seen.value === expected.value;
  return expected.status === 'rejected' && isSame(seen.reason, expected.reason);
}

function discardOf(body: Body, scope: Scope, modelOf: () => ModelWork | undefined) {
  return (reason: string, data: number): unknown => {
    const { stage } = scope;
    const { world } = stage;
    const model = modelOf();
    if (model === undefined) return world.complain('a work is discarded that was refused');
    stage.happens(`${model.name} is discarded as ${reason}`);
    if (reason !== 'skipped' && model.state === 'queued') noticePromotion(world);
    enterDiscard(world, model, reason);
    if (data !== model.data) world.complain(`${model.name} is discarded with ${data}, not ${model.data}`);
    const place = { operation: model.operation, task: model.task, token: model.registration.token };
    checkPlace(stage, `the discard of ${model.name}`, place);
    return scope.call(body, entering(scope, place), (ended) => settleEntered(model, ended));
  };
}
