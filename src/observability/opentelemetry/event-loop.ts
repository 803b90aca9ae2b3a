import type { EventLoopUtilization } from 'node:perf_hooks';

/** How busy the event loop has been since it started, if the runtime reports it. @internal */
export const loopNow = (): EventLoopUtilization | undefined => performance.eventLoopUtilization?.();

/** The share of the time since `then` in which the event loop was busy, from 0 to 1. @internal */
export const busySince = (then: EventLoopUtilization | undefined): number | undefined => {
  if (then === undefined) return undefined;
  const { idle, active, utilization } = performance.eventLoopUtilization(then);
  // Both are 0 until the loop has started. There is no share yet.
  return idle + active > 0 ? utilization : undefined;
};
