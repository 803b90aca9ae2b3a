// The goals of the design, and the values of a run.
import { BASE, OURS, PEERS } from '../candidates/index.mjs';
import { ofRounds, ratioTo } from '../statistics.mjs';
import { factor, withUnit } from '../units.mjs';
import { PEER_GOAL, WORKLOADS } from '../workloads.mjs';

/** The workloads in which peers take part. */
export const PEER_WORKLOADS = WORKLOADS.filter(({ candidates }) => candidates.includes(PEERS[0]));

export const table = (headings, rows) =>
  [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Reads the rows of a run; what was not measured is undefined. */
export const readerOf = ({ rows }) => {
  const valuesOf = (node, { name }, subject, metric = 'cpu') =>
    rows.find((row) => row.node === node && row.workload === name && row.subject === subject)?.values[metric];
  const ratio = (node, workload, subject, base, metric) =>
    ratioTo(valuesOf(node, workload, base, metric), valuesOf(node, workload, subject, metric))?.ratio;
  const valueOf = (node, workload, subject, metric) => {
    const values = valuesOf(node, workload, subject, metric);
    return values && ofRounds(metric, values);
  };
  return { valueOf, ratio };
};

const titleOf = ({ title, metrics }, metric) =>
  metrics.length === 1 ? title : `${title}: ${metric === 'cpu' ? 'CPU time' : 'elapsed time'}`;

/** A goal has `read(node)`, which returns a `value`, how it is `written`, a `note`, and whether the goal `isMet`. */
const goalOf = (workload, metric, { valueOf, ratio }) => {
  const { name, goal, base, subject, unit } = workload;
  const isRatio = base !== undefined;
  return {
    name,
    base,
    title: titleOf(workload, metric),
    limit: isRatio ? `≤ ${goal}` : `≤ ${goal} ${unit}`,
    read: (node) => {
      const isMet = (value) => value <= goal;
      if (isRatio) {
        const value = ratio(node, workload, subject, base, metric);
        return value && { value, written: factor(value), isMet: isMet(value) };
      }
      const [value, floor] = [subject, BASE].map((one) => valueOf(node, workload, one, metric));
      if (value === undefined) return undefined;
      const note = floor === undefined ? '' : ` (floor ${withUnit(floor, unit)})`;
      return { value, written: withUnit(value, unit), note, isMet: isMet(value) };
    },
  };
};

const fastestPeer = ({ ratio }, { candidates }) => ({
  name: 'peers',
  title: `fastest peer to deferqueue, ${PEER_WORKLOADS[0].name} to ${PEER_WORKLOADS.at(-1).name}`,
  limit: `≥ ${PEER_GOAL}`,
  read: (node) => {
    const [fastest] = PEER_WORKLOADS.flatMap((workload) =>
      PEERS.map((peer) => ({ workload, peer, value: ratio(node, workload, peer, OURS) })),
    )
      .filter(({ value }) => value !== undefined)
      .toSorted((one, other) => one.value - other.value);
    if (fastest === undefined) return undefined;
    const { value, peer, workload } = fastest;
    const { title } = candidates.find(({ name }) => name === peer);
    return {
      value,
      written: factor(value),
      note: ` (${title}, ${workload.name})`,
      isMet: value >= PEER_GOAL,
    };
  },
});

/** All goals, in the order of the page. */
export const goalsOf = (results) => {
  const reader = readerOf(results);
  const [ratios, limits] = [WORKLOADS.filter(({ base }) => base), WORKLOADS.filter(({ base }) => !base)].map(
    (workloads) =>
      workloads.flatMap((workload) => workload.metrics.map((metric) => goalOf(workload, metric, reader))),
  );
  return [...ratios, fastestPeer(reader, results), ...limits];
};

/** The slowest of the workloads that are compared with the hand-written floor, as one goal. */
export const slowestOf = (goals) => {
  const toFloor = goals.filter(({ base }) => base === BASE);
  return {
    title: `slowest workload to the floor, ${toFloor[0].name} to ${toFloor.at(-1).name}`,
    limit: toFloor[0].limit,
    read: (node) => {
      const [slowest] = toFloor
        .map(({ name, read }) => ({ name, ...read(node) }))
        .filter(({ value }) => value !== undefined)
        .toSorted((one, other) => other.value - one.value);
      return slowest && { ...slowest, note: ` (${slowest.name})` };
    },
  };
};

/** A table of goals with a column for each Node.js. A missed goal is in bold. */
export const goalTable = ({ nodes }, goals) => {
  const cellOf = (found) => {
    if (found === undefined) return 'not measured';
    const { written, note = '', isMet } = found;
    return `${isMet ? written : `**${written}**`}${note}`;
  };
  return table(
    ['', 'goal', ...nodes.map(({ major }) => `Node.js ${major}`)],
    goals.map(({ title, limit, read }) => [title, limit, ...nodes.map(({ major }) => cellOf(read(major)))]),
  );
};

export const describeLibrary = ({ date, library: { version, revision } }) =>
  `deferqueue ${version} (${revision}), ${date.slice(0, 10)}`;
