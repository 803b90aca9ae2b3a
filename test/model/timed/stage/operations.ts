import type { SettledOperation } from 'deferqueue';
import type { ModelOperation, Outcome } from '../contract/entities.js';
import { enclosing, settleFunction } from '../contract/opening.js';
import { settlementOf, type Settlement } from '../contract/settlement.js';
import type { OperationStatement } from '../program/timed-program.js';
import { attemptAsync } from './attempt.js';
import { awaitedOf } from './awaited.js';
import { join } from './joining.js';
import { differsFromLedger } from './ledgers.js';
import { optionsOf } from './operation-options.js';
import { differsInOperation } from './reports.js';
import { entering, type Scope } from './scope.js';
import { foreign, type Stage } from './stage.js';
import { differsInValue } from './watch.js';
import { checkPlace } from './whereabouts.js';

export function performOperation(statement: OperationStatement, scope: Scope): Promise<unknown> | undefined {
  const { stage, place } = scope;
  stage.happens(`${place.token} opens an operation`);
  const around = enclosing(stage.world, place);
  if (statement.plan.nesting === 'join') {
    if (around !== undefined) return join(statement, scope, around);
    // What a join that opens a root makes of its other options is not said.
    return undefined;
  }
  const { world, runtime } = stage;
  const name = stage.label('o');
  const { options, openModel } = optionsOf(statement.plan, stage, name);
  const perform = statement.settle ? runtime.settleOperation : runtime.withOperation;
  const made = attemptAsync(
    stage,
    `${place.token} opens ${name}`,
    () => openModel(statement.plan.nesting === 'detached' ? undefined : around),
    (model) =>
      foreign.run(name, () =>
        perform<unknown>(options, (library) => {
          if (model === undefined) return world.complain(`${name} is entered, and was refused`);
          stage.operations.push({ model, library });
          const inner = { operation: model, task: undefined, token: name };
          checkPlace(stage, name, inner);
          const settle = (outcome: Outcome): void => settleFunction(world, model, outcome);
          return scope.call(statement.body, entering(scope, inner), settle);
        }),
      ),
  );
  const { model } = made as { model?: ModelOperation };
  if (model !== undefined) watchOperation(stage, model, made.promise, statement.settle);
  return awaitedOf(statement, made.promise);
}

function watchOperation(
  stage: Stage,
  model: ModelOperation,
  promise: Promise<unknown>,
  settles: boolean,
): void {
  if (!stage.operations.some((pair) => pair.model === model))
    stage.world.complain(`${model.name} is not entered at once`);
  if (!settles) return stage.watch(model.name, promise, () => settlementOf(model), differsInOperation);
  stage.settled.add(model);
  const expected = (): Settlement | undefined =>
    settlementOf(model) !== undefined && model.outcome !== undefined
      ? { status: 'fulfilled', value: model.outcome }
      : undefined;
  stage.watch(model.name, promise, expected, (seen) => differsInSettled(seen, model));
}

function differsInSettled(seen: PromiseSettledResult<unknown>, model: ModelOperation): string | undefined {
  if (seen.status === 'rejected') return 'should not have rejected';
  const { outcome, report } = seen.value as SettledOperation<unknown>;
  return differsInValue(outcome, model.outcome!) ?? differsFromLedger(report, model);
}
