/**
 * The function of an operation, in plain async code: calls as deep as the plan says, each awaited, and the innermost one defers the
 * works. `defer` gets a work and whatever handle the candidate passes along; where it needs none that is undefined.
 *
 * A plan is what a workload wants: `depth`, `count`, `work(index, defer, handle)` which makes one work that may defer others,
 * `queued()`, which is called once all are deferred, and `pause()`, which is then waited for.
 */
export const nestedCalls = (defer) => {
  const call = async (plan, handle, depth) => {
    if (depth > 0) {
      await call(plan, handle, depth - 1);
      return;
    }
    const { count } = plan;
    for (let index = 0; index < count; index++) defer(plan.work(index, defer, handle), handle);
    plan.queued?.();
    if (plan.pause !== undefined) await plan.pause();
  };
  return (plan, handle) => call(plan, handle, plan.depth);
};
