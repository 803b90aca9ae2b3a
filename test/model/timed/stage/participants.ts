import type { OperationOptions, SettledOperation } from 'deferqueue';
import type { ModelOperation, ModelTask, OperationSettings, Outcome } from '../contract/entities.js';
import { enclosing, open, openTask, settleFunction } from '../contract/opening.js';
import { settlementOf, taskSettlement, type Settlement } from '../contract/settlement.js';
import { defaults } from '../contract/world.js';
import type { Awaiting, OperationPlan, OperationStatement, Statement } from '../program/timed-program.js';
import { attemptAsync } from './attempt.js';
import { differsFromLedger } from './ledgers.js';
import { differsInOperation } from './reports.js';
import { entering, type Scope } from './scope.js';
import { signalOf } from './signals.js';
import { foreign, type Stage } from './stage.js';
import { differsInValue } from './watch.js';
import { checkPlace } from './whereabouts.js';

/** What the function has to wait for. A rejection that nobody waits for is none: it has been compared already. */
export function awaitedOf(
  { awaited, caught }: Awaiting,
  promise: Promise<unknown>,
): Promise<unknown> | undefined {
  const settled = promise.catch((error: unknown) => {
    if (!caught) throw error;
  });
  if (awaited) return settled;
  settled.catch(() => undefined);
  return undefined;
}

export function performTask(
  statement: Statement & { kind: 'task' },
  scope: Scope,
): Promise<unknown> | undefined {
  const { stage, place } = scope;
  const { world, runtime } = stage;
  const name = stage.label('t');
  const { concurrency } = statement;
  const inner = { ...place, token: name };
  const made = attemptAsync(
    stage,
    `${place.token} starts ${name}`,
    () => openTask(inner, name, concurrency ?? 1),
    (model) =>
      foreign.run(name, () =>
        runtime.withTask({ name, concurrency }, (library) => {
          if (model === undefined) return world.complain(`${name} is entered, and was refused`);
          stage.tasks.push({ model, library });
          checkPlace(stage, name, { ...inner, task: model });
          const settle = (outcome: Outcome): void => settleFunction(world, model, outcome);
          return scope.call(statement.body, entering(scope, { ...inner, task: model }), settle);
        }),
      ),
  );
  const { model } = made as { model?: ModelTask };
  if (model !== undefined) {
    if (!stage.tasks.some((pair) => pair.model === model)) world.complain(`${name} is not entered at once`);
    stage.watch(name, made.promise, () => taskSettlement(model));
  }
  return awaitedOf(statement, made.promise);
}

export function settingsOf(
  plan: OperationPlan,
  name: string,
  drainTimeout: number | undefined,
): OperationSettings {
  return {
    name,
    order: plan.order ?? defaults.order,
    concurrency: plan.concurrency ?? defaults.concurrency,
    drainTimeout: drainTimeout ?? defaults.drainTimeout,
    maxPending: plan.maxPending ?? defaults.maxPending,
    workErrors: plan.workErrors ?? defaults.workErrors,
    hears: plan.hears,
    full: plan.full,
  };
}

/** The options of one operation in the library, and what the model makes of them. */
export function optionsOf(
  plan: OperationPlan,
  stage: Stage,
  name: string,
): {
  readonly options: OperationOptions;
  readonly openModel: (parent: ModelOperation | undefined) => ModelOperation;
} {
  const drainTimeout = plan.drainTimeout === undefined ? undefined : stage.clock.duration(plan.drainTimeout);
  const signal = signalOf(plan.signal, stage);
  let operation: ModelOperation | undefined;
  const hear = (error: unknown): void => {
    if (operation !== undefined) stage.heard.push({ operation, error });
  };
  const options: OperationOptions = {
    name,
    nesting: plan.nesting,
    order: plan.order,
    concurrency: plan.concurrency,
    ...(drainTimeout === undefined ? undefined : { drainTimeout }),
    maxPending: plan.maxPending,
    workErrors: plan.workErrors,
    onWorkError: plan.hears ? hear : undefined,
    report: plan.full ? 'full' : undefined,
    signal: signal?.controller.signal,
  };
  const openModel = (parent: ModelOperation | undefined): ModelOperation => {
    operation = open(stage.world, parent, settingsOf(plan, name, drainTimeout));
    operation.signal.follow(signal?.model);
    return operation;
  };
  return { options, openModel };
}

export function performOperation(statement: OperationStatement, scope: Scope): Promise<unknown> | undefined {
  const { stage, place } = scope;
  stage.happens(`${place.token} opens an operation`);
  const around = enclosing(place);
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

/** G17: inside the operation around it, with no boundary of its own; its function is waited for like a task. */
function join(
  statement: OperationStatement,
  scope: Scope,
  around: ModelOperation,
): Promise<unknown> | undefined {
  const { stage, place } = scope;
  const name = stage.label('j');
  let settled: Outcome | undefined;
  around.functions += 1;
  stage.happens(`${place.token} joins as ${name}`);
  const perform = statement.settle ? stage.runtime.settleOperation : stage.runtime.withOperation;
  const promise = perform<unknown>({ name, nesting: 'join' }, () => {
    checkPlace(stage, name, place);
    return scope.call(statement.body, entering(scope, place), (outcome) => {
      around.functions -= 1;
      settled = outcome;
    });
  });
  stage.watch(
    name,
    promise,
    () => settled,
    (seen, expected) => {
      if (!statement.settle) return differsInValue(seen, expected);
      if (seen.status === 'rejected') return 'should not have rejected';
      // The report is that of the operation around it so far, which is not compared.
      return differsInValue((seen.value as SettledOperation<unknown>).outcome, expected);
    },
  );
  return awaitedOf(statement, promise);
}
