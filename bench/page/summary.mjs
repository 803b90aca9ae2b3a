// The few lines of README.md that tell of the results of a run: pure.
import { countMet, goalCell, goalLines } from './goals.mjs';
import { readerOf } from './reader.mjs';
import { table } from './tables.mjs';

const BEGIN = '<!-- benchmarks: written by `npm run bench` -->';
const END = '<!-- end of benchmarks -->';

export const renderSummary = (results) => {
  const { date, machine, library, nodes } = results;
  const lines = goalLines(results, readerOf(results)).filter(({ cells }) => cells.some(Boolean));
  const newest = nodes.at(-1).major;
  return `CPU time, where nothing else is said, in proportion to the same work written by hand, which keeps fewer guarantees. deferqueue ${library.version} on ${date.slice(0, 10)};
${machine.cpu}, ${machine.cores} cores. ${countMet(lines)} [The benchmarks](docs/benchmarks.md#against-the-goals) have what by hand in full does:
all that the guarantees ask, in one piece. The last column has the library that did best on Node.js ${newest}.

${table(
  ['', 'goal', ...nodes.map(({ major }) => `Node.js ${major}`), 'best peer'],
  lines.map(({ title, goal, cells, best }) => [
    title,
    goal,
    ...cells.map((cell) => goalCell(cell, 'short')),
    best === undefined ? '–' : `${best.peer}: ${best.short}`,
  ]),
)}`;
};

/** The text with the summary between its marks, in place of what was there. */
export const withSummary = (text, results) => {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`There are no marks ${BEGIN} and ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${renderSummary(results)}\n\n${text.slice(end)}`;
};
