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
  let isLate = false;
  const enter = (): unknown => {
    if (model === undefined && !isLate) return stage.world.complain(`${label} is disposed, and was refused`);
    stage.happens(`${label} is disposed`);
    const { operation: current, task: within } = place;
    const late = entering(scope, { operation: current, task: within, token: label });
    if (model === undefined) return scope.call(dispose, late, () => undefined);
    const { operation, task, token } = model;
    const resource = model;
    enterDispose(stage.world, model);
    checkPlace(stage, label, { operation, task, token });
    return scope.call(dispose, entering(scope, { operation, task, token }), (outcome) =>
      settleDispose(resource, outcome),
    );
  };
  const resource = isAsync
    ? ({ [Symbol.asyncDispose]: enter } as AsyncDisposable)
    : { [Symbol.dispose]: enter };
  const ask = (): ModelResource => {
    const operation = target?.model ?? place.operation;
    // G9: what comes too late is disposed at once.
    isLate = operation?.state === 'closed';
    return (model = use(stage.world, operation, label, label, place.task));
  };
  const make = (): unknown =>
    target === undefined ? stage.runtime.use(resource) : target.library.use(resource);
  attempt(stage, `${place.token} uses ${label}`, ask, () => foreign.run(label, make));
}
