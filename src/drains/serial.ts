import { begin } from '../core/drain.js';
import type { DrainStep } from '../core/drain.js';
import { LoopHold } from '../core/loop-hold.js';

/**
 * The default drain: one work after the other. Works that return no promise run back to back, without so much
 * as a microtask between them.
 */
export const serial: DrainStep = (drain) => {
  for (;;) {
    if (drain.hold?.due && drain.more) return drain.hold.turn();
    const work = drain.next();
    if (work === undefined) return drain.rest();
    // A single work needs no clock.
    if (drain.hold === undefined && (drain.entered > 0 || drain.more)) drain.hold = new LoopHold();
    const pending = drain.due(work) ? begin(drain, work) : drain.skip(work);
    if (pending !== undefined) return pending;
  }
};
