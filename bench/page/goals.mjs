// The goals of the design, and whether the library met them.
import { median } from '../arithmetic.mjs';
import { BASE, LEAST } from '../candidates/index.mjs';
import { count, factor, milliseconds } from '../units.mjs';
import { FAIRNESS, GROWTH, MEMORY, SEQUENTIAL } from '../workloads.mjs';
import { COLUMNS, OURS } from './reader.mjs';
import { leftBehind } from './resources.mjs';
import { spread, table } from './tables.mjs';

/**
 * What a goal is set for. `read` gives for a Node.js and a candidate the `value` that the goal is about, how it is written in full
 * and in `short`, and whether it is within the goal; nothing where it was not measured.
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
          least: least && factor(least.ratio),
          short: factor(found.ratio),
          isMet: found.ratio <= column.goal,
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
      const isMet = value <= Math.max(GROWTH.goal, base);
      return { value, written, least: least && factor(least), short: written, isMet };
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
      return { value, written: value.toFixed(2), short: value.toFixed(2), isMet: value <= SEQUENTIAL.goal };
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

/** What is told of all lines at once. */
export const countMet = (lines) => {
  const all = lines.flatMap(({ cells }) => cells.filter(Boolean));
  const met = all.filter(({ isMet }) => isMet).length;
  return `${met} of ${all.length} numbers are within their goal${met < all.length ? '; the others are in bold' : ''}.`;
};

/** A cell as it is written in full or in `short`, in bold where the goal is missed. */
export const goalCell = (cell, form) => {
  if (cell === undefined) return 'not run';
  return cell.isMet ? cell[form] : `**${cell[form]}**`;
};

export const goals = (results, reader) => {
  const lines = goalLines(results, reader);
  return `## Against the goals

The design asks the library to cost what a careful engineer would write by hand: the goals of times are ratios to that. In this run
${countMet(lines)} A ratio is that of the best rounds; the brackets after it have the quartiles of the
ratios within the rounds, which may lie elsewhere where the machine was slow for one of the two. What stands after them is the ratio of the same written by hand in context: what the guarantees take at the least, also where that is more than a goal
([why](decisions/0020-what-speed-is-left.md)).

${table(
  ['workload', 'goal', ...results.nodes.map(({ major }) => `Node.js ${major}`)],
  lines.map(({ title, goal, cells }) => [
    title,
    goal,
    ...cells.map((cell) => [goalCell(cell, 'written'), cell?.least].filter(Boolean).join('; ')),
  ]),
)}`;
};
