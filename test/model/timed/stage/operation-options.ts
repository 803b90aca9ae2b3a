import type { Operation, OperationOptions } from 'deferqueue';
import type { ModelOperation, OperationSettings } from '../contract/entities.js';
import { open } from '../contract/opening.js';
import { defaults } from '../contract/world.js';
import type { OperationPlan } from '../program/timed-program.js';
import { signalOf } from './signals.js';
import type { Stage } from './stage.js';

function settingsOf(
  plan: OperationPlan,
  name: string,
  drainTimeout: number | undefined,
  around: OperationSettings | undefined,
): OperationSettings {
  return {
    name,
    order: plan.order ?? defaults.order,
    concurrency: plan.concurrency ?? defaults.concurrency,
    drainTimeout: drainTimeout ?? defaults.drainTimeout,
    maxPending: plan.maxPending ?? defaults.maxPending,
    // G17: a nested operation inherits how failures are handled.
    workErrors: plan.workErrors ?? around?.workErrors ?? defaults.workErrors,
    hears: plan.hears || around?.hears === true,
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
  const hear = (error: unknown, _work: unknown, failed: Operation): void => {
    const at = stage.operations.find(({ library }) => library.id === failed.id)?.model ?? operation;
    if (at !== undefined) stage.heard.push({ operation: at, error });
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
    operation = open(stage.world, parent, settingsOf(plan, name, drainTimeout, parent?.settings));
    operation.signal.follow(signal?.model);
    return operation;
  };
  return { options, openModel };
}
