import type { ModelOperation } from '../contract/entities.js';
import { isCutShort, settlementOf, warningOf } from '../contract/settlement.js';
import { differsInCut } from './cuts.js';
import { differsInFailures } from './reports.js';
import type { Stage } from './stage.js';

/** G21: what would reach nobody is one process warning for each operation. */
export function compareWarnings({ world, settled }: Stage, warnings: readonly Error[]): void {
  const left = warnings.filter((warning) => !isOfLateCall(warning));
  for (const operation of world.operations) {
    const settlement = settlementOf(operation);
    const warning = settlement === undefined ? 'none' : warningOf(operation, settlement);
    if (warning === 'none' || settled.has(operation)) continue;
    const index = left.findIndex(({ cause }) => tells(cause, operation));
    if (index !== -1) left.splice(index, 1);
    else if (warning === 'has to be') world.complain(`nobody is warned of the failures of ${operation.name}`);
  }
  // Nobody knows either of what fails when nobody waits for it any more.
  if (world.operations.some(({ lateFailures }) => lateFailures.length > 0)) return;
  for (const warning of left)
    world.complain(`a warning too many: ${String(warning)}: ${String(warning.cause)}`);
}

/** G9: of what came too late there is a warning for each operation, which other tests count. */
const isOfLateCall = (warning: Error & { readonly code?: string }): boolean =>
  warning.code === 'DEFERQUEUE_WORK_REFUSED' || warning.code === 'DEFERQUEUE_LATE_DISPOSAL';

/** Whether it has the value of an operation that has handed it to its caller is not said. */
function tells(cause: unknown, operation: ModelOperation): boolean {
  const differs = isCutShort(operation) ? differsInCut : differsInFailures;
  return differs(cause, { operation }) === undefined;
}
