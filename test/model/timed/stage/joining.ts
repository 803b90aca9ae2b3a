import type { SettledOperation } from 'deferqueue';
import type { ModelOperation, Outcome } from '../contract/entities.js';
import type { OperationStatement } from '../program/timed-program.js';
import { awaitedOf } from './awaited.js';
import { entering, type Scope } from './scope.js';
import { differsInValue } from './watch.js';
import { checkPlace } from './whereabouts.js';

/** G17: inside the operation around it, with no boundary of its own; its function is waited for like a task. */
export function join(
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
