// Effect's Scope. The nested calls are written in Effect's own style.
import { Effect } from 'effect';

export const title = 'Effect, Scope';
export const order = 'lifo';
export const peer = 'effect';
export const lacks = 'G7, G8, G13, G21';

const call = (plan, depth) =>
  Effect.gen(function* () {
    if (depth > 0) {
      yield* call(plan, depth - 1);
      return;
    }
    for (let index = 0; index < plan.count; index++) {
      const work = plan.work(index);
      yield* Effect.addFinalizer(() => Effect.promise(async () => work()));
    }
  });

export const load = () => (plan) => Effect.runPromise(Effect.scoped(call(plan, plan.depth)));
