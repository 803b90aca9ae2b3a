import type { OperationReport } from 'deferqueue';
import type { ModelOperation } from '../contract/entities.js';
import { enclosing } from '../contract/opening.js';
import { Refusal } from '../contract/refusal.js';
import { settlementOf, type Settlement } from '../contract/settlement.js';
import type { Statement } from '../program/timed-program.js';
import { attempt } from './attempt.js';
import { nth } from './nth.js';
import { awaitedOf } from './awaited.js';
import { optionsOf } from './operation-options.js';
import { differsFromLedger } from './ledgers.js';
import { differsInOperation } from './reports.js';
import { entering, type Scope } from './scope.js';
import type { Stage } from './stage.js';
import { checkPlace } from './whereabouts.js';

export function performOpen({ plan }: Statement & { kind: 'open' }, scope: Scope): undefined {
  const { stage, place } = scope;
  const name = stage.label('o');
  stage.happens(`${place.token} opens an operation`);
  const { options, openModel } = optionsOf(plan, stage, name);
  const parent = plan.nesting === 'detached' ? undefined : enclosing(stage.world, place);
  const pair = attempt(
    stage,
    `${place.token} opens ${name}`,
    () => {
      if (plan.nesting === 'join') throw new Refusal('INVALID_ARGUMENT');
      return openModel(parent);
    },
    () => stage.runtime.openOperation(options),
  );
  if (pair === undefined) return;
  for (const list of [stage.operations, stage.opened, scope.opened]) (list as (typeof pair)[]).push(pair);
}

export function performRun(
  statement: Statement & { kind: 'run' },
  scope: Scope,
): Promise<unknown> | undefined {
  const { stage } = scope;
  const pair = nth(stage.opened, statement.opened);
  if (pair === undefined) return undefined;
  const { model, library } = pair;
  const place = { operation: model, task: undefined, token: scope.place.token };
  stage.happens(`${place.token} runs in ${model.name}`);
  // Only promises are waited for: whatever else a function returns is handed through.
  const isWaited = statement.body.mode === 'async';
  if (isWaited) model.functions += 1;
  const run = (): unknown => {
    checkPlace(stage, `run in ${model.name}`, place);
    return scope.call(statement.body, entering(scope, place), () => {
      if (isWaited) model.functions -= 1;
    });
  };
  const result = (async () => {
    model.calls += 1;
    try {
      return library.run(run);
    } finally {
      model.calls -= 1;
    }
  })();
  return awaitedOf(statement, result);
}

export function performFail({ opened }: Statement & { kind: 'fail' }, scope: Scope): undefined {
  const { stage } = scope;
  const pair = nth(stage.opened, opened);
  // What becomes of the outcome of one that was cut is not said.
  if (pair === undefined || pair.model.cut !== undefined) return;
  const { model, library } = pair;
  const reason = new Error(stage.label('failure '));
  const ask = (): void => {
    if (model.failure !== undefined) return;
    if (model.state !== 'open') throw new Refusal('OPERATION_CLOSED');
    model.failure = { status: 'rejected', reason };
    if (model.outcome !== undefined) model.outcome = model.failure;
    model.signal.abort(reason, stage.world.step);
  };
  attempt(stage, `${scope.place.token} fails ${model.name}`, ask, () => library.fail(reason));
}

export function performClose(
  statement: Statement & { kind: 'close' },
  scope: Scope,
): Promise<unknown> | undefined {
  const pair = nth(scope.stage.opened, statement.opened);
  // From inside, it would wait for itself.
  if (pair === undefined || pair.model.calls > 0) return undefined;
  if (scope.inside.some((each) => each.isWithin(pair.model))) return undefined;
  return awaitedOf(statement, close(scope.stage, pair));
}

/** What the function has opened and not closed. */
export function closeOpened({ stage, opened }: Scope): void {
  for (const pair of opened.splice(0)) {
    if (pair.model.outcome === undefined) close(stage, pair).catch(() => undefined);
  }
}

function close(stage: Stage, { model, library }: Stage['opened'][number]): Promise<unknown> {
  stage.happens(`close ${model.name}`);
  model.outcome ??= model.failure ?? { status: 'fulfilled', value: undefined };
  const promise = library.close();
  stage.watch(
    `close of ${model.name}`,
    promise,
    () => closeSettlement(model),
    (seen, expected) => {
      if (expected.status === 'fails') return differsInOperation(seen, expected);
      if (seen.status === 'rejected') return 'should have fulfilled with the report';
      return differsFromLedger(seen.value as OperationReport, model);
    },
  );
  return promise;
}

/** It settles as `withOperation` would, but after `fail` and without failures with the report. */
function closeSettlement(model: ModelOperation): Settlement | undefined {
  const settlement = settlementOf(model);
  if (settlement === undefined || settlement.status === 'fails') return settlement;
  return { status: 'fulfilled', value: undefined };
}
