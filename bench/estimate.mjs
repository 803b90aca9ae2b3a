// How long a run will take: as long as the kept results say that its parts took, and a guess where they do not.

/** Seconds of one process, for those that do not take the time of a pace. */
const GUESSES = { memory: 1, peak: 10, sequential: 8, live: 2, growth: 2.5, fairness: 7, startup: 2 };

/** Beside the warm-up and the samples, in milliseconds: the start of the process, and to find out how much makes a sample. */
const BESIDE = 500;

const guess = ({ workload }, { samples, warmUp, target }) =>
  GUESSES[workload] ?? (BESIDE + warmUp + 1.3 * samples * target) / 1000;

/** Seconds. `rows` are those of an earlier run, at whatever pace that was. */
export const estimate = (schedule, pace, rows) => {
  const known = new Map(
    rows.map((row) => [[row.node, row.workload, row.size, row.subject].join(), row.seconds]),
  );
  const secondsOf = ({ node, point, subject }) =>
    known.get([node.major, point.workload, point.size, subject.name].join()) ?? guess(point, pace);
  return schedule.reduce((sum, job) => sum + secondsOf(job), 0);
};
