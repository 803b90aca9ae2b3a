import { describe, expect, test } from 'vitest';
import { estimate, ofRounds, ofSamples, ratioTo, scheduleOf } from './modules.js';

describe('a ratio', () => {
  test('is that of the best rounds, with the quartiles of the ratios within the rounds', () => {
    expect(ratioTo([10, 20, 10, 10, 10], [20, 20, 30, 15, 50])).toEqual({ ratio: 1.5, low: 1.5, high: 3 });
  });

  test('is taken over the rounds that both sides have', () => {
    expect(ratioTo([40, 100, 1], [80, 150])).toEqual({ ratio: 2, low: 1.625, high: 1.875 });
    expect(ratioTo([undefined, 1], [1])).toBeUndefined();
  });
});

describe('a value', () => {
  test('of a time is the lower quartile of its samples and the best of its rounds', () => {
    expect(ofSamples('cpu', [50, 10, 30, 20, 40])).toBe(20);
    expect(ofRounds('cpu', [20, 3, 100])).toBe(3);
  });

  test('of anything else is the median of both', () => {
    expect(ofSamples('memory', [5, 30, 10])).toBe(10);
    expect(ofRounds('hold', [20, 3, 100])).toBe(20);
  });
});

describe('the schedule of a run', () => {
  const plan = {
    nodes: [{ major: '20' }, { major: '24' }],
    workloads: [{ name: 'w1' }, { name: 'w2' }],
    subjectsOf: ({ name }: { name: string }) =>
      ['a', 'b', ...(name === 'w1' ? ['c'] : [])].map((subject) => ({ name: subject })),
    rounds: 3,
    seed: 5,
  };
  const schedule = scheduleOf(plan);
  const groupOf = (job: (typeof schedule)[number]) => `${job.node.major} ${job.workload.name}`;

  test('measures every subject of a workload once in each round', () => {
    for (const round of [0, 1, 2]) {
      const jobs = schedule.filter((job) => job.round === round);
      expect(jobs.map((job) => `${groupOf(job)} ${job.subject.name}`).toSorted()).toEqual(
        ['20', '24'].flatMap((major) =>
          ['w1 a', 'w1 b', 'w1 c', 'w2 a', 'w2 b'].map((rest) => `${major} ${rest}`),
        ),
      );
    }
  });

  test('has nothing between those that are compared', () => {
    const changes = schedule.filter((job, index) => {
      const before = schedule[index - 1];
      return before === undefined || before.round !== job.round || groupOf(before) !== groupOf(job);
    });
    expect(changes).toHaveLength(3 * 4);
  });

  test('mixes those that are compared in each round', () => {
    const orders = new Map<number, string>();
    for (const job of scheduleOf({ ...plan, rounds: 40 }))
      if (groupOf(job) === '24 w1')
        orders.set(job.round, `${orders.get(job.round) ?? ''}${job.subject.name}`);
    expect(new Set(orders.values()).size).toBe(6);
  });

  test('depends only on the seed', () => {
    expect(scheduleOf(plan)).toEqual(schedule);
    expect(scheduleOf({ ...plan, seed: 6 })).not.toEqual(schedule);
  });

  test('has the first rounds of a subject that needs fewer', () => {
    const fewer = scheduleOf({ ...plan, roundsOf: ({ name }) => (name === 'a' ? 1 : 3) });
    expect(fewer.filter(({ subject }) => subject.name === 'a').map(({ round }) => round)).toEqual([
      0, 0, 0, 0,
    ]);
    expect(fewer).toHaveLength(schedule.length - 8);
  });

  test('takes as long as its parts took in an earlier run, or a guess', () => {
    const job = {
      round: 0,
      node: { major: '24' },
      workload: { name: 'w1', measure: 'time' },
      subject: { name: 'a' },
    };
    const row = { node: '24', workload: 'w1', subject: 'a', seconds: 7 };
    expect(estimate([job, job], [row])).toBe(14);
    expect(estimate([job], [{ ...row, node: '20' }])).toBeGreaterThan(0.8);
  });
});
