import { vi } from 'vitest';

/** Fake time, in which nothing but the schedule passes, and in which no two deadlines coincide. */
export class Clock {
  now = 0;
  readonly #sleeps = new Set<number>();
  #durations = 0;

  /** So many units in milliseconds, and some more that no other duration has. */
  duration(units: number): number {
    this.#durations += 1;
    return units * unit + this.#durations * 7;
  }

  async sleep(units: number): Promise<void> {
    const ms = this.duration(units);
    const due = this.now + ms;
    this.#sleeps.add(due);
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
    this.#sleeps.delete(due);
  }

  get nextSleep(): number {
    return Math.min(...this.#sleeps);
  }

  advanceTo(time: number): void {
    const ms = time - this.now;
    this.now = time;
    vi.advanceTimersByTime(ms);
  }
}

export const unit = 1000;

/**
 * Lets everything run that is ready to run, also what the library leaves to another turn of the event loop: when fake time
 * advances, a drain seems to have held the loop for long (G10). `progress` counts what has happened.
 */
export async function quiescence(progress: () => number): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    const before = progress();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (progress() !== before) quiet = 0;
  }
}
