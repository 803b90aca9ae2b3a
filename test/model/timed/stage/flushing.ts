import { endFlush } from '../contract/boundary.js';
import type { ModelFlush } from '../contract/entities.js';
import { flush, servedBy } from '../contract/flush.js';
import { mayHaveFlushed } from '../contract/next.js';
import { flushSettlement, type Settlement } from '../contract/settlement.js';
import type { Statement } from '../program/timed-program.js';
import { attemptAsync } from './attempt.js';
import { nth } from './nth.js';
import { awaitedOf } from './awaited.js';
import type { Scope } from './scope.js';

export function performFlush(
  statement: Statement & { kind: 'flush' },
  scope: Scope,
): Promise<unknown> | undefined {
  const { stage, place } = scope;
  const target = statement.via === 'ambient' ? undefined : nth(stage.operations, statement.via);
  if (statement.via !== 'ambient' && target === undefined) return undefined;
  const { operation, task } = target === undefined ? place : { operation: target.model, task: undefined };
  stage.happens(`${place.token} flushes`);
  // Whether the library refuses would depend on how many microtasks it takes.
  if (operation !== undefined && servedBy(operation, task) === 'perhaps somebody') return undefined;
  const label = stage.label('f');
  const made = attemptAsync(
    stage,
    `${place.token} flushes as ${label}`,
    () => flush(stage.world, operation, task),
    () => (target === undefined ? stage.runtime.flush() : target.library.flush()),
  );
  const { model } = made as { model?: ModelFlush };
  const expected = (flushed: ModelFlush) => (): Settlement | undefined => {
    if (mayHaveFlushed(flushed)) endFlush(flushed);
    return flushSettlement(flushed);
  };
  if (model !== undefined) stage.watch(label, made.promise, expected(model));
  return awaitedOf(statement, made.promise);
}
