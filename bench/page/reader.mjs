// Reads the results of a run by what they are about.
import { best, ratioTo } from '../arithmetic.mjs';
import { BASE } from '../candidates/index.mjs';
import { PROBES } from '../probes.mjs';
import { GROWTH, OPERATIONS } from '../workloads.mjs';

export const OURS = 'deferqueue';

/** The lines of metrics in a table of ratios: most workloads have one, and one has two. */
export const COLUMNS = OPERATIONS.flatMap(({ name, title, metrics }) =>
  Object.entries(metrics).map(([metric, goal]) => ({
    workload: name,
    metric,
    goal,
    title: Object.keys(metrics).length > 1 ? `${title}: ${metric === 'cpu' ? 'CPU' : 'wall clock'}` : title,
    short: Object.keys(metrics).length > 1 ? `${name} ${metric}` : name,
  })),
);

/** CPU time for each work of an operation that has so many of them, in nanoseconds. */
export const timeOf = (values) => best(values.cpu);

/** Reads results by what they are about. */
export const readerOf = ({ rows, probes, candidates }) => {
  const find = (node, workload, subject, size) =>
    rows.find(
      (row) => row.node === node && row.workload === workload && row.subject === subject && row.size === size,
    )?.values;
  const ratio = (node, { workload, metric }, subject, base = BASE) => {
    const [own, other] = [find(node, workload, subject), find(node, workload, base)];
    return own === undefined || other === undefined ? undefined : ratioTo(other[metric], own[metric]);
  };
  /** The guarantees that a candidate was seen not to keep on some Node.js. */
  const lacks = (name) =>
    [
      ...new Set(
        Object.entries(PROBES)
          .filter(([probe]) => Object.values(probes).some((seen) => seen[name]?.[probe] === false))
          .flatMap(([, { guarantee }]) => guarantee.split(', ')),
      ),
    ].toSorted((one, other) => Number(one.slice(1)) - Number(other.slice(1)));
  /** How many times the time of a work in a small operation it takes in a large one. */
  const growth = (node, subject) => {
    const [last, first] = [GROWTH.to, GROWTH.from].map((size) => find(node, GROWTH.name, subject, size));
    return last && first && timeOf(last) / timeOf(first);
  };
  return { find, ratio, growth, lacks, titleOf: (name) => candidates.find((one) => one.name === name).title };
};
