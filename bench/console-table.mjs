// What a run prints when it is done: the same numbers as on the page, as text.
import { ratioTo, lowerQuartile } from './arithmetic.mjs';

export const factor = (number) => (number >= 100 ? number.toFixed(0) : number.toFixed(2));

export const nanoseconds = (number) => {
  if (number < 1000) return `${number.toFixed(0)} ns`;
  if (number < 1e6) return `${(number / 1e3).toFixed(number < 1e5 ? 1 : 0)} µs`;
  return `${(number / 1e6).toFixed(number < 1e8 ? 1 : 0)} ms`;
};

const absolute = (metric, values) => {
  const number = lowerQuartile(values.filter((value) => value !== undefined));
  return metric === 'bytes' ? `${number.toFixed(0)} B` : nanoseconds(number);
};

const sameCell = (one) => (other) =>
  other.node === one.node && other.workload === one.workload && other.size === one.size;

/** A line for each row and metric: what it is, how long it took, and how many times the base that is, with its spread. */
export const describe = (rows, base) =>
  rows.flatMap((row) => {
    const own = rows.filter(sameCell(row)).find(({ subject }) => subject === base);
    return Object.entries(row.values).map(([metric, values]) => {
      const what = `${row.workload}${row.size === undefined ? '' : ` ${row.size}`} ${metric}`;
      const cells = [
        `node ${row.node}`,
        what.padEnd(20),
        row.subject.padEnd(24),
        absolute(metric, values).padStart(9),
      ];
      if (own === undefined || metric === 'bytes') return cells.join('  ');
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
