// The sections of the page on what a process that serves others notices of the library.
import { best, median } from '../arithmetic.mjs';
import { count, factor, milliseconds, nanoseconds } from '../units.mjs';
import { FAIRNESS, STARTUP } from '../workloads.mjs';
import { byCandidate, table } from './tables.mjs';

export const fairness = (results, reader) => {
  const write = (values) => {
    if (values === undefined) return '–';
    const [least, most] = [Math.min(...values), Math.max(...values)];
    if (most === 0) return 'none';
    if (values.length === 1) return milliseconds(most);
    return `${milliseconds(median(values))} (${milliseconds(least)} to ${milliseconds(most)})`;
  };
  const found = byCandidate(
    results,
    reader,
    FAIRNESS,
    ['event loop held', 'of its own', 'pause of the collector', 'longest answer', 'drain'],
    (read) => {
      const values = read(undefined);
      return (
        values &&
        [values.held, values.own, values.pause, values.latency, values.drained].map((one) => write(one))
      );
    },
  );
  if (found === undefined) return undefined;
  return `## Fairness

${count(FAIRNESS.works)} synchronous works of about a microsecond are drained in the process of an HTTP server that another process asks without a pause.
How long the longest turn of the event loop took; how long the longest took without the time in which the process was ready to run and
the system let others run, as far as it tells; the longest pause of the collector; and how long the slowest answer took: the median of
the rounds, and the least and the most.

${found}`;
};

export const startup = (results, { ratio, find }) => {
  const rows = results.nodes.flatMap(({ major }) =>
    STARTUP.only.flatMap((name) => {
      const values = find(major, STARTUP.name, name);
      const bySide = ratio(major, { workload: STARTUP.name, metric: 'cpu' }, name, 'p-queue');
      if (values === undefined) return [];
      const { files, bytes: size, gzipped } = results.sizes[name];
      const times = [values.wall, values.cpu].map((one) => nanoseconds(best(one)));
      const against = bySide === undefined ? '–' : factor(bySide.ratio);
      return [[`Node.js ${major}`, name, ...times, against, `${files}`, count(size), count(gzipped)]];
    }),
  );
  if (rows.length === 0) return undefined;
  const headings = ['', '', 'time', 'CPU time', 'to p-queue', 'files', 'bytes', 'bundled, gzipped'];
  return `## Startup

\`import\` of the main entry in a fresh process, beside that of p-queue alone, which it imports as well. The files and bytes are those that
are loaded, p-queue's among them.

${table(headings, rows)}`;
};
