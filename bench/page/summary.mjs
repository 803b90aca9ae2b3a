// The five rows of README.md that come from a run.
import { describeLibrary, goalTable, goalsOf, slowestOf } from './goals.mjs';

const BEGIN = '<!-- benchmarks: written by `npm run bench` -->';
const END = '<!-- end of benchmarks -->';

export const renderSummary = (results) => {
  const goals = goalsOf(results);
  const rows = [
    slowestOf(goals),
    ...['peers', 'memory', 'hold', 'left'].map((row) => goals.find(({ name }) => name === row)),
  ];
  return `Ratios of CPU time on ${results.machine.split(',').slice(0, 2).join(',')}: ${describeLibrary(results)}.
The floor is hand-written code with the same guarantees. A missed goal is in bold.

${goalTable(results, rows)}`;
};

/** Replaces what is between the marks of README.md. */
export const withSummary = (text, results) => {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`Expected the marks ${BEGIN} and ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${renderSummary(results)}\n\n${text.slice(end)}`;
};
