// Runs the measurements of a schedule, each in a process of its own.
import { Presets, SingleBar } from 'cli-progress';
import { runChild } from './child.mjs';
import { ofRounds, ratioTo } from './statistics.mjs';
import { factor, withUnit } from './units.mjs';
import { PACE, flagsOf, workloadOf } from './workloads.mjs';

const FORMAT = '{bar} {value} of {total} measurements, {eta_formatted} left ({what})';

/**
 * A row for each Node.js, workload and subject: `values` has a list for each metric, with a value for each round, and `seconds` is
 * how long its last process took.
 */
export const measureAll = async (schedule, options = {}) => {
  const rows = {};
  const bar = new SingleBar(
    { format: FORMAT, noTTYOutput: true, notTTYSchedule: 15_000, etaBuffer: 100, ...options },
    Presets.shades_classic,
  );
  bar.start(schedule.length, 0, { what: 'start' });
  try {
    for (const { round, node, workload, subject } of schedule) {
      const startedAt = performance.now();
      const input = { ...subject.input, workload: workload.name, pace: PACE };
      const measured = await runChild(node.binary, 'sample.mjs', input, flagsOf(workload));
      const key = `${node.major} ${workload.name} ${subject.name}`;
      const row = (rows[key] ??= {
        node: node.major,
        workload: workload.name,
        subject: subject.name,
        values: {},
      });
      row.seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1));
      for (const [metric, value] of Object.entries(measured))
        (row.values[metric] ??= [])[round] = Number(value.toPrecision(4));
      bar.increment({ what: `Node.js ${key}` });
    }
  } finally {
    bar.stop();
  }
  return Object.keys(rows)
    .toSorted()
    .map((key) => rows[key]);
};

/** Prints a line for each row and metric, with its ratio to the base and the quartiles of the ratios within the rounds. */
export const printRows = (rows, baseOf) => {
  const lines = rows.flatMap(({ node, workload, subject, values }) => {
    const base = baseOf(workload);
    const compared = rows.find(
      (row) => row.node === node && row.workload === workload && row.subject === base,
    );
    return Object.entries(values).map(([metric, list]) => {
      const found = ratioTo(compared?.values[metric], list);
      return {
        'Node.js': Number(node),
        workload,
        metric,
        subject,
        value: withUnit(ofRounds(metric, list), workloadOf(workload).unit),
        ...(found && {
          ratio: factor(found.ratio),
          quartiles: `${factor(found.low)} to ${factor(found.high)}`,
        }),
      };
    });
  });
  console.log();
  console.table(lines);
};
