// Effect's Scope. The nested calls are written in Effect's own style.
import { Effect } from 'effect';

export const title = 'Effect, Scope';
export const rounds = 2;
export const order = 'lifo';
export const peer = 'effect';
export const cannot = { w7: 'runs finalizers one after the other' };

const call = (plan, depth) =>
  Effect.gen(function* () {
    if (depth > 0) {
      yield* call(plan, depth - 1);
      return;
    }
    for (let index = 0; index < plan.count; index++) {
      const work = plan.work(index);
      // Works of any kind: what is not a promise is waited for as if it were one.
      yield* Effect.addFinalizer(() => Effect.promise(async () => work()));
    }
    plan.queued?.();
    if (plan.pause !== undefined) yield* Effect.promise(plan.pause);
  });

export const load = () => (plan) => Effect.runPromise(Effect.scoped(call(plan, plan.depth)));
