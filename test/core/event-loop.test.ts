import { defer, withOperation } from 'deferqueue';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventLoopYield as Hold } from '../../src/core/event-loop.js';
import { turn } from '../support/gate.js';
import { replaceImmediate } from '../support/immediates.js';
import { busy as clockGoesOn, letTimeGoOn } from '../support/time-of-drains.js';

const busy = (milliseconds: number): void => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
};

/** The longest run of works between which the event loop did not turn. */
const longestRun = (ran: readonly string[]): number =>
  Math.max(
    ...ran
      .join(' ')
      .split(/(?:turn ?)+/)
      .map((works) => works.split(' ').filter(Boolean).length),
  );

/** Drains works of the given lengths in milliseconds; each watches for the next turn of the loop. */
const drain = async (lengths: readonly number[], inEach = (): void => {}): Promise<string[]> => {
  const ran: string[] = [];
  // Other drains of this turn of the loop must not count.
  await turn();
  await withOperation(() => {
    for (const length of lengths) {
      defer(() => {
        ran.push('work');
        setImmediate(() => ran.push('turn'));
        if (length > 0) busy(length);
        inEach();
      });
    }
  });
  return ran;
};

const repeat = (length: number, times: number): number[] => Array<number>(times).fill(length);

/** Asks before each of so many works that take no time. */
const timesDue = (hold: Hold, works: number): number => {
  let times = 0;
  for (let work = 0; work < works; work++) if (hold.shouldYield()) times++;
  return times;
};

/** A copy of the module that no other drain uses, and that binds the clock and the timers of this moment. */
const ownCopy = async (name: string): Promise<typeof Hold> => {
  const copy: string = `../../src/core/event-loop.js?${name}`;
  const { EventLoopYield } = (await import(/* @vite-ignore */ copy)) as {
    readonly EventLoopYield: typeof Hold;
  };
  return EventLoopYield;
};

interface Clock {
  time: number;
  looks: number;
  restore(): void;
}

/** A clock that goes on only when it is told to, for modules that are loaded before it is restored. */
const stoppedClock = (nodeTiming?: object): Clock => {
  const clock = { time: 1000, looks: 0, restore: (): void => void vi.unstubAllGlobals() };
  const now = (): number => {
    clock.looks++;
    return clock.time;
  };
  vi.stubGlobal('performance', { now, nodeTiming });
  return clock;
};

/** Works that each take so many milliseconds, before which a drain asks. Returns what it is told. */
const dueAfter = (hold: Hold, clock: Clock, lengths: readonly number[]): boolean[] =>
  lengths.map((length) => {
    clock.time += length;
    return hold.shouldYield();
  });

describe('G10 no scheduler, while the clock stands still', () => {
  test('quick works, however many, have no turn between them while they take less than 10 ms', async () => {
    // A machine that is busy with something else may make a real millisecond out of each.
    const ran = await drain(repeat(0, 20), () => clockGoesOn(0.4));
    expect(ran).toEqual(Array<string>(20).fill('work'));
  });

  test('they have one when they have taken more', async () => {
    const ran = await drain(repeat(0, 20), () => clockGoesOn(0.8));
    expect(longestRun(ran)).toBeLessThan(20);
  });
});

describe('G10 no scheduler', () => {
  beforeEach(letTimeGoOn);

  test('works that each hold the event loop for over 10 ms have turns of it between them, time and again', async () => {
    const ran = await drain(repeat(12, 8));
    expect(ran.slice(0, 2)).toEqual(['work', 'turn']);
    expect(longestRun(ran)).toBeLessThanOrEqual(2);
  });

  test('works that hold it for over 10 ms together have one between them, time and again', async () => {
    // Four works of 3 ms are over the limit, and each is long enough for a look at the clock.
    expect(longestRun(await drain(repeat(3, 16)))).toBeLessThanOrEqual(4);
  });

  test('a drain notices soon that its works, quick so far, have become slow', async () => {
    const ran = await drain([...repeat(0, 100), ...repeat(1, 60)]);
    expect(ran.indexOf('turn')).toBeGreaterThan(0);
    expect(ran.indexOf('turn')).toBeLessThan(160);
  });

  test('a drain that has not held the loop for long reads no clock for each work, though the loop has not turned for long', async () => {
    const clock = stoppedClock();
    const LoopHold = await ownCopy('clock');
    clock.restore();
    const first = new LoopHold();
    clock.time += 12;
    expect(first.shouldYield()).toBe(true);
    const second = new LoopHold();
    clock.looks = 0;
    expect(timesDue(second, 1000)).toBe(0);
    expect(clock.looks).toBeGreaterThan(1);
    expect(clock.looks).toBeLessThan(200);
  });

  test('a drain that has held the loop for as long as the one before it notices at its next work', async () => {
    const clock = stoppedClock();
    const LoopHold = await ownCopy('chain');
    clock.restore();
    const drains = Array.from({ length: 20 }, () => new LoopHold());
    // Works that take no time make the looks rare.
    timesDue(drains[0]!, 1000);
    clock.time += 12;
    let asked = 0;
    while (!drains[0]!.shouldYield()) asked++;
    expect(asked).toBeLessThan(40);
    expect(drains.slice(1).map((hold) => hold.shouldYield())).toEqual(Array<boolean>(19).fill(true));
  });

  test('where the platform counts the turns of its loop, a drain asks for none before it has to wait for one', async () => {
    const asked = vi.fn(globalThis.setImmediate);
    const replaced = replaceImmediate(asked);
    const LoopHold = await ownCopy('counts');
    replaced.restore();
    const hold = new LoopHold();
    busy(3);
    timesDue(hold, 100);
    expect(asked).not.toHaveBeenCalled();
    busy(12);
    while (!hold.shouldYield());
    await hold.yield();
    expect(asked).toHaveBeenCalledOnce();
    expect(hold.shouldYield()).toBe(false);
  });

  test.each([
    ['counted', { uvMetricsInfo: { loopCount: 1 } }],
    ['not counted', undefined],
  ])('a turn of the loop in between is noticed where turns are %s', async (what, nodeTiming) => {
    const clock = stoppedClock(nodeTiming);
    const LoopHold = await ownCopy(what.replace(' ', '-'));
    clock.restore();
    const hold = new LoopHold();
    for (let time = 0; time < 4; time++) {
      clock.time += 6;
      await turn();
      if (nodeTiming !== undefined) nodeTiming.uvMetricsInfo.loopCount++;
      // Enough for a look at the clock, however quick the works before were.
      expect(timesDue(hold, 40)).toBe(0);
    }
    clock.time += 12;
    expect(timesDue(hold, 40)).toBeGreaterThan(0);
  });

  test('since when the loop is held is known to the millisecond', async () => {
    const uvMetricsInfo = { loopCount: 1 };
    const clock = stoppedClock({ uvMetricsInfo });
    const LoopHold = await ownCopy('to-the-millisecond');
    clock.restore();
    const hold = new LoopHold();
    expect(dueAfter(hold, clock, [9])).toEqual([false]);
    uvMetricsInfo.loopCount++;
    expect(dueAfter(hold, clock, [1, 9, 2])).toEqual([false, false, true]);
  });

  test('that the loop has turned a moment ago is noticed before a drain lets it turn', async () => {
    const uvMetricsInfo = { loopCount: 1 };
    const clock = stoppedClock({ uvMetricsInfo });
    const LoopHold = await ownCopy('a-moment-ago');
    clock.restore();
    const hold = new LoopHold();
    expect(dueAfter(hold, clock, [9.9])).toEqual([false]);
    uvMetricsInfo.loopCount++;
    expect(dueAfter(hold, clock, [0.5])).toEqual([false]);
    expect(dueAfter(hold, clock, [9.9, 0.5])).toEqual([false, true]);
  });

  test('an immediate that never fires does not make a drain wait again and again', async () => {
    // As that of a request of workerd which has ended.
    const { setImmediate: real } = globalThis;
    let calls = 0;
    const losesFirst = ((callback: () => void) => (calls++ === 0 ? undefined : real(callback))) as never;
    const replaced = replaceImmediate(losesFirst);
    // Nor does it count turns.
    vi.stubGlobal('performance', { now: performance.now.bind(performance) });
    const LoopHold = await ownCopy('lost');
    vi.unstubAllGlobals();
    replaced.restore();
    const hold = new LoopHold();
    busy(12);
    expect(hold.shouldYield()).toBe(true);
    await hold.yield();
    expect([hold.shouldYield(), hold.shouldYield()]).toEqual([false, false]);
  });
});
