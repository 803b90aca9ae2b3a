import { describe, expect, test } from 'vitest';
import { around, moved, ticks, zoomed } from '../../../src/observability/timeline/page/range.js';

const whole = { from: 0, to: 1000 };

describe('the range of the page', () => {
  test('is zoomed around a point that stays where it is', () => {
    expect(zoomed(whole, 0.5, 200, whole)).toEqual({ from: 100, to: 600 });
    expect(zoomed({ from: 100, to: 600 }, 2, 200, whole)).toEqual(whole);
  });

  test('stays within the whole, and is never nothing', () => {
    expect(zoomed({ from: 800, to: 900 }, 4, 810, whole)).toEqual({ from: 600, to: 1000 });
    expect(moved({ from: 800, to: 900 }, 5, whole)).toEqual({ from: 900, to: 1000 });
    expect(moved({ from: 800, to: 900 }, -50, whole)).toEqual({ from: 0, to: 100 });
    const { from, to } = zoomed(whole, 1e-20, 500, whole);
    expect(to).toBeGreaterThan(from);
    const moment = around(500, 500, whole);
    expect(moment.to).toBeGreaterThan(moment.from);
  });

  test.each([
    [{ from: 0, to: 1000 }, 5, ['0 ms', '200 ms', '400 ms', '600 ms', '800 ms', '1000 ms']],
    [{ from: 0.2, to: 0.5 }, 3, ['0.2 ms', '0.3 ms', '0.4 ms', '0.5 ms']],
    [{ from: 1.0001, to: 1.0003 }, 2, ['1.0001 ms', '1.0002 ms', '1.0003 ms']],
    [{ from: 0, to: 60_000 }, 3, ['0 s', '20 s', '40 s', '60 s']],
    [{ from: 120_000, to: 121_000 }, 2, ['120.0 s', '120.5 s', '121.0 s']],
  ])('%j has round marks', (range, count, labels) => {
    expect(ticks(range, count).map(({ label }) => label)).toEqual(labels);
  });
});
