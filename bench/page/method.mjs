// The sections of the page on what was measured, and how.
import { ALL, OPERATIONS } from '../workloads.mjs';

/** How many rounds the rows have that are chosen: the most that one of them has. */
const roundsOf = (rows) =>
  Math.max(0, ...rows.flatMap(({ values }) => Object.values(values).map((one) => one.length)));

/** What had fewer rounds than the run, by how many. */
const fewer = ({ rows, rounds, candidates }) => {
  const isTimed = ({ workload }) => OPERATIONS.some(({ name }) => name === workload);
  const parts = [
    ...ALL.map(({ name }) => [name, rows.filter(({ workload }) => workload === name)]),
    ...candidates.map(({ name, title }) => [
      title,
      rows.filter((row) => isTimed(row) && row.subject === name),
    ]),
  ];
  const byRounds = new Map();
  for (const [title, chosen] of parts) {
    const had = roundsOf(chosen);
    if (had > 0 && had < rounds) byRounds.set(had, [...(byRounds.get(had) ?? []), title]);
  }
  return [...byRounds]
    .toSorted(([one], [other]) => one - other)
    .map(([had, titles]) => ` ${had} of ${titles.join('; ')}.`);
};

const fewerRounds = (results) => {
  const parts = fewer(results);
  return parts.length === 0 ? '' : ` Fewer of what varies little or takes long:${parts.join('')}`;
};

export const left = ({ nodes, leftOut, majors, rows }) => {
  const without = majors.filter((major) => !nodes.some((node) => node.major === major));
  /** Also what there was not yet when the results were made. */
  const isTold = (name) =>
    rows.some(({ workload }) => workload === name) ||
    leftOut.some(({ workload, candidates: [first] }) => workload === name && first === 'all');
  const lines = [
    ...without.map((major) => `- Node.js ${major}: not part of this run`),
    ...ALL.filter(({ name }) => !isTold(name)).map(({ name }) => `- ${name}, all: not part of this run`),
    ...leftOut.map(
      ({ workload, candidates, reason }) => `- ${workload}, ${candidates.join('; ')}: ${reason}`,
    ),
  ];
  return lines.length === 0 ? undefined : `## What was not run\n\n${lines.join('\n')}`;
};

export const method = (results) => {
  const { date, seed, rounds, pace, machine, nodes, library, candidates, semiSpace, spread } = results;
  const versions = candidates.filter(({ version }) => version);
  const size =
    semiSpace === undefined
      ? ''
      : ` Each half of its young generation has ${semiSpace} MiB from the start, as in one that lives longer: how soon V8 lets it grow so far differs between candidates.`;
  const groups =
    spread === undefined
      ? ''
      : ` A group of operations at once has up to ${(100 * spread).toFixed(0)} % more or fewer than it says, so that collections do not come at the same places of each.`;
  const revision = library.revision === undefined ? '' : `, revision ${library.revision}`;
  return `## How it was measured

- **When and where:** ${date.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores, ${machine.memory} GiB, ${machine.platform}; Node.js ${nodes.map(({ version }) => version).join(', ')}.
- **What:** deferqueue ${library.version}${revision}${library.isChanged ? ' with changes' : ''}; ${versions.map(({ peer, version, peerNote }) => `${peer} ${version}${peerNote ? ` (${peerNote})` : ''}`).join('; ')}.
- **By hand:** an \`AsyncLocalStorage\` with an array, run in a loop when the function has settled. It does not keep the context of each work, and
  stops at the first failure: the ratios are to less than the library does. "By hand, in context" keeps that context, and runs all. "By hand, in full" does
  what else the guarantees ask where no option is used, and nothing that an option, a task or a flush would need.
- **A measurement** is a process of its own. Where times are taken it has first seen what servers see: timers, immediates, ticks, a file and a
  request, since Node.js 20 reads contexts by a shorter way in processes that never have.${size} It warms up for ${pace.warmUp} ms, in which works of 1 ms take a turn of the event loop instead, and then takes ${pace.samples} samples of at least ${pace.target} ms each, fewer where one takes
  seconds, and twice as many of works of 1 ms, which wait for most of their time.${groups} Their lower quartile counts; of bytes the median, and of what held the loop the longest. CPU time is that of the whole process, with what the collector and the compiler do on other threads.
- **Rounds:** ${rounds}.${fewerRounds(results)}
  In each, the candidates of one workload stand side by side in random order (seed ${seed}). A ratio is that of the best of
  all rounds, and a time is the best of them. A machine that does something else at the same time, or is slow for a while, makes single numbers larger, and the brackets wider.
- **Checks:** each sample counts the works that ran and looks at their order. One that is missing or out of order ends the run.
- **Again:** \`npm run bench\` measures everything and writes this page; \`npm run bench -- --help\` tells how to measure less of it.
  \`npm run bench:compare -- REVISION\` measures the working tree beside another revision.`;
};
