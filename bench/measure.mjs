// Runs the measurements: each in a process of its own, those that are compared one after the other in random order, round by round.
import { randomFrom, shuffled } from './arithmetic.mjs';
import { runChild } from './child.mjs';
import { METRICS } from './metrics.mjs';
import { flagsOf } from './workloads.mjs';

/** How long one process measures. Times in milliseconds. */
export const PACES = {
  full: { samples: 5, warmUp: 500, target: 60 },
  quick: { samples: 3, warmUp: 300, target: 60 },
};

/**
 * The measurements of one round as groups, each of which is measured without a break: what is in one group is compared.
 * A subject has a `name`, and what its processes are to know.
 */
export const groupsOf = ({ nodes, points, subjects, canDo }) =>
  nodes.flatMap((node) =>
    points.flatMap((point) => {
      const able = subjects.filter((subject) => canDo(subject, point));
      return able.length === 0 ? [] : [{ node, point, subjects: able }];
    }),
  );

/**
 * All measurements in the order in which they are made. `mostRounds` tells how many rounds a subject has at most at a point: they are
 * the first ones.
 */
export const scheduleOf = ({ groups, rounds, seed, mostRounds = (_subject, _point) => Infinity }) => {
  const random = randomFrom(seed);
  return Array.from({ length: rounds }, (_, round) =>
    shuffled(groups, random).flatMap(({ node, point, subjects }) =>
      shuffled(
        subjects.filter((subject) => round < mostRounds(subject, point)),
        random,
      ).map((subject) => ({ round, node, point, subject })),
    ),
  ).flat();
};

const keyOf = ({ node, point, subject }) => `${node.major} ${point.workload} ${point.size} ${subject.name}`;

/**
 * `roundDone` gets the rows and the number of rounds when one is complete, so that what ends a long run does not cost all of it.
 *
 * What was measured: a row for each Node.js, workload, size and subject, with a list for each metric that has a value for each
 * round: what stands for the samples of that process, see metrics.mjs. `seconds` is what the last of its processes took.
 */
export const measureAll = async ({ schedule, pace, step, roundDone }) => {
  const rows = new Map();
  for (const [index, job] of schedule.entries()) {
    const { round, node, point, subject } = job;
    const startedAt = performance.now();
    const input = { ...pace, ...point, ...subject.input };
    const samples = await runChild(node.binary, 'sample.mjs', input, flagsOf(point));
    const row = rows.get(keyOf(job)) ?? { node: node.major, ...point, subject: subject.name, values: {} };
    rows.set(keyOf(job), row);
    row.seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1));
    for (const [metric, values] of Object.entries(samples)) {
      row.values[metric] ??= [];
      row.values[metric][round] = METRICS[metric].of(values);
    }
    step(`Node.js ${node.major}, ${point.workload}, ${subject.name}`);
    if (schedule[index + 1]?.round !== round) await roundDone?.([...rows.values()], round + 1);
  }
  return [...rows.values()];
};
