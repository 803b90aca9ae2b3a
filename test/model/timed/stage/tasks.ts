import type { ModelTask, Outcome } from '../contract/entities.js';
import { openTask, settleFunction } from '../contract/opening.js';
import { taskSettlement } from '../contract/settlement.js';
import type { Statement } from '../program/timed-program.js';
import { attemptAsync } from './attempt.js';
import { awaitedOf } from './awaited.js';
import { entering, type Scope } from './scope.js';
import { foreign } from './stage.js';
import { checkPlace } from './whereabouts.js';

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
    () => openTask(stage.world, inner, name, concurrency ?? 1),
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
