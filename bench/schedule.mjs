// The order of the measurements, and how long they take.
import { shuffle } from 'simple-statistics';
import { randomFrom } from './statistics.mjs';
import { PACE } from './workloads.mjs';

/**
 * Round by round, the workloads of each Node.js in random order. The subjects of one workload follow each other without a break, also
 * in random order: they are what is compared. `roundsOf` says in how many of the first rounds a subject takes part.
 */
export const scheduleOf = ({ nodes, workloads, subjectsOf, rounds, seed, roundsOf = () => rounds }) => {
  const random = randomFrom(seed);
  const groups = nodes.flatMap((node) => workloads.map((workload) => ({ node, workload })));
  return Array.from({ length: rounds }, (_, round) =>
    shuffle(groups, random).flatMap(({ node, workload }) =>
      shuffle(
        subjectsOf(workload).filter((subject) => round < roundsOf(subject, workload)),
        random,
      ).map((subject) => ({ round, node, workload, subject })),
    ),
  ).flat();
};

/** Seconds of a process of which no earlier run has the time. */
const GUESSES = {
  time: (1.3 * PACE.samples * PACE.target + PACE.warmUp + 500) / 1000,
  memory: 2,
  hold: 3,
  left: 4,
};

/** Seconds that a schedule takes: what its parts took in the rows of an earlier run, or a guess. */
export const estimate = (schedule, rows) => {
  const known = new Map(rows.map((row) => [`${row.node} ${row.workload} ${row.subject}`, row.seconds]));
  const secondsOf = ({ node, workload, subject }) =>
    known.get(`${node.major} ${workload.name} ${subject.name}`) ?? GUESSES[workload.measure];
  return schedule.reduce((sum, job) => sum + secondsOf(job), 0);
};
