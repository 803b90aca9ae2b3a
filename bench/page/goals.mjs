// The goals of the design, and whether the library met them.
import { median } from '../arithmetic.mjs';
import { BASE, LEAST } from '../candidates/index.mjs';
import { count, factor, hundredths, milliseconds } from '../units.mjs';
import { FAIRNESS, GROWTH, MEMORY, SEQUENTIAL } from '../workloads.mjs';
import { COLUMNS, OURS } from './reader.mjs';
import { leftBehind } from './resources.mjs';
import { spread, table } from './tables.mjs';

/**
 * What a goal is set for. `read` gives for a Node.js and a candidate the `value` that the goal is about, how it is written in full
 * and in `short`, whether it is within the goal, and how that is with the `least`; nothing where it was not measured.
 */
const goalsOf = ({ ratio, find, growth }) => [
  ...COLUMNS.map((column) => ({
    title: column.title,
    goal: `≤ ${column.goal}`,
    read: (major, name) => {
      const found = ratio(major, column, name);
      const least = ratio(major, column, LEAST);
      return (
        found && {
          value: found.ratio,
          written: spread(found),
          short: factor(found.ratio),
          isMet: found.ratio <= column.goal,
          least: least && { written: factor(least.ratio), isMet: least.ratio <= column.goal },
        }
      );
    },
  })),
  {
    title: `bytes for each queued work, of ${count(MEMORY.sizes.at(-1))}`,
    goal: `≤ ${MEMORY.goal}`,
    read: (major, name) => {
      const values = find(major, MEMORY.name, name, MEMORY.sizes.at(-1))?.bytes;
      if (values === undefined) return undefined;
      const value = median(values);
      return { value, written: value.toFixed(0), short: value.toFixed(0), isMet: value <= MEMORY.goal };
    },
  },
  {
    title: `growth from ${count(GROWTH.from)} to ${count(GROWTH.to)} async works`,
    goal: `≤ ${GROWTH.goal}, or that by hand`,
    read: (major, name) => {
      const [value, base] = [growth(major, name), growth(major, BASE)];
      if (!value || !base) return undefined;
      const written = `${factor(value)} (by hand ${factor(base)})`;
      const least = growth(major, LEAST);
      const isWithin = (one) => one <= Math.max(GROWTH.goal, base);
      return {
        value,
        written,
        short: written,
        isMet: isWithin(value),
        least: least && { written: factor(least), isMet: isWithin(least) },
      };
    },
  },
  {
    title: `the longest that a drain of ${count(FAIRNESS.works)} works held the event loop`,
    goal: `≤ ${FAIRNESS.goal} ms`,
    // Whether it was ever held for longer, also where the machine had a share in that.
    read: (major, name) => {
      const values = find(major, FAIRNESS.name, name);
      if (values === undefined) return undefined;
      const value = Math.max(...values.held);
      const short = milliseconds(value);
      const own = values.own && `${short} (${milliseconds(Math.max(...values.own))} of its own)`;
      return { value, written: own ?? short, short, isMet: value <= FAIRNESS.goal };
    },
  },
  {
    title: `bytes left behind by each of ${count(SEQUENTIAL.marks.end)} operations in a row`,
    goal: `≤ ${SEQUENTIAL.goal}`,
    read: (major, name) => {
      const values = find(major, SEQUENTIAL.name, name);
      if (values === undefined) return undefined;
      const value = median(leftBehind(values));
      const written = hundredths(value);
      return { value, written, short: written, isMet: value <= SEQUENTIAL.goal };
    },
  },
];

/** The lines of the table of goals, each with a cell for each Node.js, and the best that a peer did on the newest of them. */
export const goalLines = ({ nodes, candidates }, reader) =>
  goalsOf(reader).map(({ title, goal, read }) => {
    const peers = candidates
      .filter(({ peer }) => peer !== undefined)
      .flatMap(({ name, title: peer }) => {
        const found = read(nodes.at(-1).major, name);
        return found === undefined ? [] : [{ peer, ...found }];
      })
      .toSorted((one, other) => one.value - other.value);
    return { title, goal, cells: nodes.map(({ major }) => read(major, OURS)), best: peers[0] };
  });

/** Whether there is what by hand in full has, beside any of the numbers. */
const isCompared = (lines) => lines.some(({ cells }) => cells.some((cell) => cell?.least !== undefined));

/** What is told of all lines at once. */
export const countMet = (lines) => {
  const all = lines.flatMap(({ cells }) => cells.filter(Boolean));
  const missed = all.filter(({ isMet }) => !isMet);
  const within = `${all.length - missed.length} of ${all.length} numbers are within their goal`;
  if (missed.length === 0) return `${within}.`;
  if (!isCompared(lines)) return `${within}; the others are in bold.`;
  const inFullToo = missed.filter(({ least }) => least?.isMet === false).length;
  const share = inFullToo === missed.length ? 'all of them' : `${inFullToo} of these ${missed.length}`;
  return `${within}; the others are in bold, and by hand in full misses ${share} as well.`;
};

/** A cell as it is written in full or in `short`, in bold where the goal is missed. */
export const goalCell = (cell, form) => {
  if (cell === undefined) return 'not run';
  return cell.isMet ? cell[form] : `**${cell[form]}**`;
};

const AFTER = ` What stands after them is what by hand in full has: all that
the guarantees ask where no option is used, in one piece ([why it is more than some goals](decisions/0020-what-speed-is-left.md)).`;

export const goals = (results, reader) => {
  const lines = goalLines(results, reader);
  return `## Against the goals

The design asks the library to cost what a careful engineer would write by hand: the goals of times are ratios to that. In this run
${countMet(lines)} A ratio is that of the best rounds; the brackets after it have the quartiles of the
ratios within the rounds, which may lie elsewhere where the machine was slow for one of the two.${isCompared(lines) ? AFTER : ''}

${table(
  ['workload', 'goal', ...results.nodes.map(({ major }) => `Node.js ${major}`)],
  lines.map(({ title, goal, cells }) => [
    title,
    goal,
    ...cells.map((cell) => [goalCell(cell, 'written'), cell?.least?.written].filter(Boolean).join('; ')),
  ]),
)}`;
};
