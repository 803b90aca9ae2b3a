import { describe, expect, test } from 'vitest';
import { arithmetic, estimate, groupsOf, scheduleOf } from './modules.js';

const { best, quantile, lowerQuartile, median, ratioTo, randomFrom, shuffled } = arithmetic;

describe('a quantile', () => {
  test('lies between its two neighbours, by how near it is to each', () => {
    expect(quantile([0, 10, 20, 30], 0.25)).toBe(7.5);
    expect(quantile([0, 10], 0.9)).toBe(9);
  });

  test('is of numbers in the order of numbers, in whatever order they are given', () => {
    expect(lowerQuartile([100, 9, 20, 3, 1000])).toBe(9);
    expect(median([100, 9, 1000])).toBe(100);
  });

  test('of one value is that value, and the ends are the least and the greatest', () => {
    expect(lowerQuartile([5])).toBe(5);
    expect(quantile([3, 1, 2], 0)).toBe(1);
    expect(quantile([3, 1, 2], 1)).toBe(3);
  });

  test('leaves the values as they were, and refuses none at all', () => {
    const values = [3, 1, 2];
    lowerQuartile(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('the best', () => {
  test('is the least of the rounds that there were', () => {
    expect(best([20, undefined, 3, 100])).toBe(3);
    expect(() => best([undefined])).toThrow(RangeError);
  });
});

describe('a ratio', () => {
  test('is that of the best rounds, with the quartiles of the ratios within the rounds', () => {
    const { ratio, low, high } = ratioTo([10, 20, 10, 10, 10], [20, 20, 30, 15, 50]);
    expect(ratio).toBe(1.5);
    expect(low).toBe(1.5);
    expect(high).toBe(3);
  });

  test('pairs what stands in the same round, and skips rounds that have only one of both', () => {
    const { low, high } = ratioTo([10, undefined, 40], [10, 99, 80]);
    expect([low, high]).toEqual([1.25, 1.75]);
  });

  test('needs a round that has both', () => {
    expect(() => ratioTo([undefined, 1], [1, undefined])).toThrow(RangeError);
  });
});

describe('the random order', () => {
  const values = Array.from({ length: 20 }, (_, index) => index);

  test('has every value once, and is another one than before', () => {
    const mixed = shuffled(values, randomFrom(7));
    expect(mixed.toSorted((one, other) => one - other)).toEqual(values);
    expect(mixed).not.toEqual(values);
  });

  test('depends on the seed alone', () => {
    expect(shuffled(values, randomFrom(7))).toEqual(shuffled(values, randomFrom(7)));
    expect(shuffled(values, randomFrom(7))).not.toEqual(shuffled(values, randomFrom(8)));
  });

  test('has each value about as often in each place', () => {
    const random = randomFrom(1);
    const first = [0, 0, 0];
    for (let index = 0; index < 3000; index++) first[shuffled([0, 1, 2], random)[0] ?? 0]!++;
    for (const times of first) expect(times).toBeGreaterThan(900);
  });
});

describe('the schedule of a run', () => {
  const groups = groupsOf({
    nodes: [{ major: '20' }, { major: '24' }],
    points: [{ workload: 'w1' }, { workload: 'w2' }],
    subjects: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
    canDo: ({ name }, { workload }) => name !== 'c' || workload === 'w1',
  });
  const schedule = scheduleOf({ groups, rounds: 3, seed: 5 });
  const groupOf = (job: (typeof schedule)[number]) => `${job.node.major} ${job.point.workload}`;

  test('measures in each round everything once that a subject can do', () => {
    for (const round of [0, 1, 2]) {
      const jobs = schedule.filter((job) => job.round === round);
      const names = jobs.map((job) => `${groupOf(job)} ${job.subject.name}`).toSorted();
      expect(names).toEqual(
        ['20', '24'].flatMap((major) =>
          ['w1 a', 'w1 b', 'w1 c', 'w2 a', 'w2 b'].map((rest) => `${major} ${rest}`),
        ),
      );
    }
  });

  test('leaves nothing between those that are compared', () => {
    const runs = schedule.map(groupOf).filter((group, index, all) => group !== all[index - 1]);
    expect(runs.length).toBeLessThanOrEqual(3 * groups.length);
    for (let index = 0; index < schedule.length;) {
      const group = groups.find(
        (one) => `${one.node.major} ${one.point.workload}` === groupOf(schedule[index]!),
      );
      const together = schedule.slice(index, index + group!.subjects.length);
      expect(new Set(together.map(groupOf)).size).toBe(1);
      index += together.length;
    }
  });

  test('mixes those that are compared anew in each round', () => {
    const orders = scheduleOf({ groups, rounds: 20, seed: 5 })
      .filter((job) => groupOf(job) === '24 w1')
      .map(({ round, subject }) => ({ round, name: subject.name }));
    const byRound = Array.from({ length: 20 }, (_, round) =>
      orders
        .filter((job) => job.round === round)
        .map(({ name }) => name)
        .join(' '),
    );
    expect(new Set(byRound).size).toBe(6);
  });

  test('is the same for the same seed, and another one for another', () => {
    expect(scheduleOf({ groups, rounds: 3, seed: 5 })).toEqual(schedule);
    expect(scheduleOf({ groups, rounds: 3, seed: 6 })).not.toEqual(schedule);
  });

  test('has fewer rounds of what needs no more, and they are the first ones', () => {
    const fewer = scheduleOf({
      groups,
      rounds: 3,
      seed: 5,
      mostRounds: ({ name }, { workload }) => (name === 'a' ? 1 : workload === 'w2' ? 2 : 3),
    });
    const roundsOf = (workload: string, name: string) =>
      fewer
        .filter((job) => job.point.workload === workload && job.subject.name === name)
        .map(({ round, node }) => `${node.major}: ${round}`)
        .toSorted();
    expect(roundsOf('w1', 'a')).toEqual(['20: 0', '24: 0']);
    expect(roundsOf('w2', 'b')).toEqual(['20: 0', '20: 1', '24: 0', '24: 1']);
    expect(roundsOf('w1', 'b')).toHaveLength(6);
  });
});

describe('the estimate of a run', () => {
  const pace = { samples: 5, warmUp: 1000, target: 100 };
  const job = { node: { major: '24' }, point: { workload: 'w1' }, subject: { name: 'a' } };

  test('is the sum of what the parts took in an earlier run', () => {
    const rows = [{ node: '24', workload: 'w1', subject: 'a', seconds: 7 }];
    expect(estimate([job, job], pace, rows)).toBe(14);
  });

  test('takes the time of the pace for what was never run, and no less', () => {
    const other = [{ node: '20', workload: 'w1', subject: 'a', seconds: 7 }];
    const seconds = estimate([job], pace, other);
    expect(seconds).toBeGreaterThan(1.5);
    expect(seconds).toBeLessThan(4);
  });
});
