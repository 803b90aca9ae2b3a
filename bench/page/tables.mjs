// How the page writes its tables.
import { factor } from '../units.mjs';

export const table = (headings, rows) =>
  [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** One round has no spread. */
export const spread = ({ ratio, low, high }) =>
  low === high ? factor(ratio) : `${factor(ratio)} (${factor(low)} to ${factor(high)})`;

/** A table whose lines are the candidates on each Node.js, left out where there is nothing. */
export const byCandidate = (results, { find }, workload, headings, cells) => {
  const rows = results.nodes.flatMap(({ major }) =>
    results.candidates.flatMap(({ name, title }) => {
      const read = (size) => find(major, workload.name, name, size);
      const written = cells(read);
      return written === undefined ? [] : [[`Node.js ${major}`, title, ...written]];
    }),
  );
  return rows.length === 0 ? undefined : table(['', '', ...headings], rows);
};

/** The cells of a workload that is measured in several sizes. */
export const sized = (workload, write) => (read) => {
  const found = workload.sizes.map((size) => read(size));
  return found.some(Boolean)
    ? found.map((values) => (values === undefined ? '–' : write(values)))
    : undefined;
};
