// What a run prints when it is done: what was measured, as text.
import { best, median, ratioTo } from './arithmetic.mjs';
import { METRICS } from './metrics.mjs';
import { factor } from './units.mjs';

const sameCell = (one) => (other) =>
  other.node === one.node && other.workload === one.workload && other.size === one.size;

/** A line for each row and metric: what it is, how much it was, and how many times the base that is, with its spread. */
export const describe = (rows, base) =>
  rows.flatMap((row) => {
    const own = rows.filter(sameCell(row)).find(({ subject }) => subject === base);
    return Object.entries(row.values).map(([metric, values]) => {
      const { write, hasRatio } = METRICS[metric];
      const what = `${row.workload}${row.size === undefined ? '' : ` ${row.size}`} ${metric}`;
      const measured = write((hasRatio ? best : median)(values)).padStart(9);
      const cells = [`node ${row.node}`, what.padEnd(20), row.subject.padEnd(24), measured];
      if (own === undefined || !hasRatio) return cells.join('  ');
      const { ratio, low, high } = ratioTo(own.values[metric], values);
      return [...cells, factor(ratio).padStart(7), `(${factor(low)} to ${factor(high)})`].join('  ');
    });
  });

/** Rows as they are best read: by Node.js, then by workload, then in the order of the subjects. */
export const sortRows = (rows, workloads, names) =>
  rows.toSorted(
    (one, other) =>
      Number(one.node) - Number(other.node) ||
      workloads.indexOf(one.workload) - workloads.indexOf(other.workload) ||
      (one.size ?? 0) - (other.size ?? 0) ||
      names.indexOf(one.subject) - names.indexOf(other.subject),
  );
