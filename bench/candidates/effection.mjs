// Effection's `ensure`. The nested calls are written in Effection's own style.
import { call as callAsync, ensure, run } from 'effection';

export const title = 'Effection, `ensure`';
export const order = 'lifo';
export const rounds = 1;
export const peer = 'effection';
export const cannot = { w7: 'runs them one after the other' };

function* nested(plan, depth) {
  if (depth > 0) {
    yield* nested(plan, depth - 1);
    return;
  }
  for (let index = 0; index < plan.count; index++) {
    const work = plan.work(index);
    yield* ensure(() => callAsync(work));
  }
  plan.queued?.();
  if (plan.pause !== undefined) yield* callAsync(plan.pause);
}

export const load = () => (plan) => run(() => nested(plan, plan.depth));
