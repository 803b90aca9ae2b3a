/**
 * Makes the function of an operation, in plain async code: calls as deep as the plan says, each awaited. The innermost call defers
 * the work items. `defer` is called with a work item and with the handle that the candidate passes along, if it needs one.
 *
 * A plan has `depth`, `count` and `work(index)`, which makes one work item. It may have `queued()`, called once all items are
 * deferred, and `pause()`, which is awaited after that.
 */
export const nestedCalls = (defer) => {
  const call = async (plan, handle, depth) => {
    if (depth > 0) {
      await call(plan, handle, depth - 1);
      return;
    }
    const { count } = plan;
    for (let index = 0; index < count; index++) defer(plan.work(index), handle);
    plan.queued?.();
    if (plan.pause !== undefined) await plan.pause();
  };
  return (plan, handle) => call(plan, handle, plan.depth);
};
