import type { Play } from './subject.js';

/** A play that awaits nothing, performed within the call. */
export function driveNow(play: Play): unknown {
  let next = play.next();
  while (next.done !== true) {
    let value: unknown;
    try {
      value = next.value();
    } catch (error) {
      next = play.throw(error);
      continue;
    }
    next = play.next(value);
  }
  return next.value;
}
