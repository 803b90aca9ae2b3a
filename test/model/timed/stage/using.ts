import type { ModelResource } from '../contract/entities.js';
import { enterDispose, settleDispose, use } from '../contract/resources.js';
import type { Statement } from '../program/timed-program.js';
import { attempt } from './attempt.js';
import { nth } from './nth.js';
import { entering, type Scope } from './scope.js';
import { foreign } from './stage.js';
import { checkPlace } from './whereabouts.js';

export function performUse({ via, isAsync, dispose }: Statement & { kind: 'use' }, scope: Scope): undefined {
  const { stage, place } = scope;
  const target = via === 'ambient' ? undefined : nth(stage.operations, via);
  if (via !== 'ambient' && target === undefined) return;
  const label = stage.label('r');
  let model: ModelResource | undefined;
  const enter = (): unknown => {
    if (model === undefined) return stage.world.complain(`${label} is disposed, and was refused`);
    const { operation, task, token } = model;
    const resource = model;
    stage.happens(`${label} is disposed`);
    enterDispose(stage.world, model);
    checkPlace(stage, label, { operation, task, token });
    return scope.call(dispose, entering(scope, { operation, task, token }), (outcome) =>
      settleDispose(resource, outcome),
    );
  };
  const resource = isAsync
    ? ({ [Symbol.asyncDispose]: enter } as AsyncDisposable)
    : { [Symbol.dispose]: enter };
  const ask = (): ModelResource =>
    (model = use(stage.world, target?.model ?? place.operation, label, label, place.task));
  const make = (): unknown =>
    target === undefined ? stage.runtime.use(resource) : target.library.use(resource);
  attempt(stage, `${place.token} uses ${label}`, ask, () => foreign.run(label, make));
}
