// Effection's `ensure`. The nested calls are written in Effection's own style.
import { call, ensure, run } from 'effection';

export const title = 'Effection, `ensure`';
export const order = 'lifo';
export const peer = 'effection';
export const lacks = 'G7, G8, G13, G21';

function* nested(plan, depth) {
  if (depth > 0) {
    yield* nested(plan, depth - 1);
    return;
  }
  for (let index = 0; index < plan.count; index++) {
    const work = plan.work(index);
    yield* ensure(() => call(work));
  }
}

export const load = () => (plan) => run(() => nested(plan, plan.depth));
