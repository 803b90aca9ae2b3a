// bench/README.md, from the results of a run.
import { extent } from 'simple-statistics';
import { BASE, OURS, PEERS } from '../candidates/index.mjs';
import { factor, withUnit } from '../units.mjs';
import { PACE, PEER_GOAL, PEER_ROUNDS, SEMI_SPACE, SPREAD } from '../workloads.mjs';
import { PEER_WORKLOADS, describeLibrary, goalTable, goalsOf, readerOf, table } from './goals.mjs';

/** The least and the most over the versions of Node.js. */
const rangeOf = ({ nodes }, read, write) => {
  const values = nodes.map(({ major }) => read(major)).filter((value) => value !== undefined);
  if (values.length === 0) return 'not measured';
  return [...new Set(extent(values).map((value) => write(value)))].join(' to ');
};

const peerTable = (results) => {
  const { valueOf, ratio } = readerOf(results);
  const cellsOf = (read, write) =>
    PEER_WORKLOADS.map((workload) => rangeOf(results, (node) => read(node, workload), write));
  const others = results.candidates.filter(({ name }) => name === BASE || PEERS.includes(name));
  return table(
    ['', ...PEER_WORKLOADS.map(({ name }) => name), 'does not keep'],
    [
      [
        '**deferqueue**, CPU time',
        ...cellsOf((node, workload) => valueOf(node, workload, OURS, 'cpu'), withUnit),
        '',
      ],
      ...others.map(({ name, title, version, lacks = '' }) => [
        version ? `${title} (${version})` : title,
        ...cellsOf((node, workload) => ratio(node, workload, name, OURS), factor),
        lacks,
      ]),
    ],
  );
};

const runOf = ({ machine, nodes, rounds, seed }) =>
  `${machine}; Node.js ${nodes.map(({ version }) => version).join(', ')}; ${rounds} rounds, seed ${seed}`;

export const renderPage = (results) => `# Benchmarks

<!-- Written by \`npm run bench\`: do not edit. -->

What deferred work costs with deferqueue, against hand-written code with the same guarantees and against libraries that run work at
the end of an operation. All numbers come from one run, in \`bench/results/page.json\`: ${describeLibrary(results)};
${runOf(results)}.${results.note === undefined ? '' : ` ${results.note}`}

## Goals

The floor is [by-hand-in-full.mjs](candidates/by-hand-in-full.mjs), called "hand-written, same guarantees": the default path without
options, in one piece. A ratio to the floor of 1.1 means that deferqueue takes 10 % more CPU time. The ratio of
\`openOperation\` is to the same work through \`withOperation\`. A missed goal is in bold.

${goalTable(
  results,
  goalsOf(results).map((goal) => ({
    ...goal,
    title: /^w\d/.test(goal.name) ? `**${goal.name}** ${goal.title}` : goal.title,
  })),
)}

## Peers

How many times the CPU time of deferqueue each candidate takes: the least and the most over the versions of Node.js. The
goal is that peers take at least ${PEER_GOAL} times as long, although they keep fewer [guarantees](../docs/guarantees.md): the last
column lists those that a small program has seen broken.

${peerTable(results)}

## Method

1. Each measurement is a fresh process, and \`--plan\` prints how many there are.
2. In each round, the candidates of a workload run directly after each other, in random order.
3. A process first uses timers, immediates, ticks, a file and a request, as a server does, and warms up for ${PACE.warmUp} ms.
4. It then takes ${PACE.samples} samples of at least ${PACE.target} ms, and their lower quartile counts.
5. CPU time covers all threads of the process, those of the collector and the compiler included.
6. The halves of the young generation have a fixed size of ${SEMI_SPACE} MiB, since V8 would grow them at different moments.
7. A group of operations at once varies in size by up to ${100 * SPREAD} %, so that collections do not always come at the same point.
8. A ratio divides the best rounds of both sides, over the rounds that both have; peers take part in ${PEER_ROUNDS} rounds.
9. Memory is the median of ${PACE.samples} operations; the hold is the longest turn of the event loop, the median of 3 drains.
10. Every sample checks that all work items ran before their operation settled, and samples of times check their order: otherwise the run
    ends with an error.

## Run it

\`\`\`sh
npm run bench                                                # everything; writes this page and five rows of README.md
npm run bench -- --plan                                      # how long that takes
npm run bench -- --only deferqueue --workload w3 --node 24   # a part, printed only
npm run bench:compare -- main --workload w3                  # the working tree against another revision
npm run bench -- --render                                    # both pages again, from bench/results/page.json
\`\`\`

Use a machine that does nothing else. \`npm run bench -- --help\` lists all options. A candidate is a file in
[bench/candidates](candidates/index.mjs).
`;
