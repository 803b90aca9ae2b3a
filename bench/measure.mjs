// Runs the measurements: each in a process of its own, those that are compared one after the other in random order, round by round.
import { lowerQuartile, median, randomFrom, shuffled } from './arithmetic.mjs';
import { runChild } from './child.mjs';

/** How long one process measures. Times in milliseconds. */
export const PACES = {
  full: { samples: 5, warmUp: 800, target: 100 },
  quick: { samples: 3, warmUp: 400, target: 100 },
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

/** All measurements in the order in which they are made. */
export const scheduleOf = ({ groups, rounds, seed }) => {
  const random = randomFrom(seed);
  return Array.from({ length: rounds }, (_, round) =>
    shuffled(groups, random).flatMap(({ node, point, subjects }) =>
      shuffled(subjects, random).map((subject) => ({ round, node, point, subject })),
    ),
  ).flat();
};

const keyOf = ({ node, point, subject }) => `${node.major} ${point.workload} ${point.size} ${subject.name}`;

/**
 * `roundDone` gets the rows and the number of rounds when one is complete, so that what ends a long run does not cost all of it.
 *
 * What was measured: a row for each Node.js, workload, size and subject, with a list for each metric that has a value for each
 * round: of that process's samples the lower quartile, or where they are bytes, which err to both sides, the median.
 */
export const measureAll = async ({ schedule, pace, step, roundDone }) => {
  const rows = new Map();
  for (const [index, job] of schedule.entries()) {
    const { round, node, point, subject } = job;
    const samples = await runChild(node.binary, 'sample.mjs', { ...pace, ...point, ...subject.input });
    const row = rows.get(keyOf(job)) ?? { node: node.major, ...point, subject: subject.name, values: {} };
    rows.set(keyOf(job), row);
    for (const [metric, values] of Object.entries(samples)) {
      row.values[metric] ??= [];
      row.values[metric][round] = metric === 'bytes' ? median(values) : lowerQuartile(values);
    }
    step(`Node.js ${node.major}, ${point.workload}, ${subject.name}`);
    if (schedule[index + 1]?.round !== round) await roundDone?.([...rows.values()], round + 1);
  }
  return [...rows.values()];
};
