import { begin } from '../core/drain.js';
import type { Drain, Lanes } from '../core/drain.js';
import { LoopHold } from '../core/loop-hold.js';
import type { WorkEntry } from '../core/work.js';

/**
 * The default: a single lane, one work after the other. Works that return no promise run back to back, without so
 * much as a microtask between them.
 */
export const serial: Lanes = {
  step(drain) {
    for (;;) {
      if (drain.hold !== undefined && drain.hold.isDue() && drain.more) return drain.hold.turn();
      const work = drain.next();
      if (work === undefined) return drain.rest();
      // A single work needs no clock.
      if (drain.hold === undefined && (drain.entered > 0 || drain.more)) drain.hold = new LoopHold();
      let pending: PromiseLike<unknown> | undefined;
      if (work.details === undefined || drain.due(work)) pending = begin(drain, work);
      else pending = drain.account.drop(work, 'skipped');
      if (pending !== undefined) return pending;
    }
  },

  running(drain): WorkEntry[] {
    return drain.running === undefined ? [] : [drain.running];
  },

  free(drain) {
    drain.running = undefined;
    drain.loop?.leave();
  },

  clear(drain: Drain) {
    drain.running = undefined;
  },
};
