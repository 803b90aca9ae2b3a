import { WorkFailures } from './contract-error.js';
import type { ModelOperation } from './entities.js';
import type { Model } from './model.js';
import type { ModelOutcome } from './outcome.js';

/** G21: how an operation settles once it is sealed; a failure that reaches nobody that way is a process warning. */
export function settlementOf(model: Model, operation: ModelOperation, outcome: ModelOutcome): ModelOutcome {
  const { failures, options } = operation;
  if (failures.length === 0) return outcome;
  const value = outcome.status === 'fulfilled' ? outcome.value : undefined;
  const reason = new WorkFailures(failures, value, operation.report());
  if (outcome.status === 'fulfilled' && options.workErrors !== 'report')
    return { status: 'rejected', reason };
  if (options.onWorkError === undefined) model.warnings.push({ cause: reason });
  return outcome;
}
