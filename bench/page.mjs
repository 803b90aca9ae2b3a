// docs/benchmarks.md and its chart, from the results of a run: pure, and with no number that the results do not have.
import { lowerQuartile, median, ratioTo } from './arithmetic.mjs';
import { BASE } from './candidates/index.mjs';
import { renderChart } from './chart.mjs';
import { PROBES } from './probes.mjs';
import { bytes, count, factor, milliseconds, nanoseconds } from './units.mjs';
import { FAIRNESS, GROWTH, MEMORY, OPERATIONS, STARTUP } from './workloads.mjs';

const OURS = 'deferqueue';

const table = (headings, rows) =>
  [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The lines of metrics in a table of ratios: most workloads have one, and one has two. */
const COLUMNS = OPERATIONS.flatMap(({ name, title, metrics }) =>
  Object.entries(metrics).map(([metric, goal]) => ({
    workload: name,
    metric,
    goal,
    title: Object.keys(metrics).length > 1 ? `${title}: ${metric === 'cpu' ? 'CPU' : 'wall clock'}` : title,
    short: Object.keys(metrics).length > 1 ? `${name} ${metric}` : name,
  })),
);

/** Reads results by what they are about. */
const readerOf = ({ rows, probes, candidates }) => {
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
  return { find, ratio, lacks, titleOf: (name) => candidates.find((one) => one.name === name).title };
};

/** One round has no spread. */
const spread = ({ ratio, low, high }) =>
  low === high ? factor(ratio) : `${factor(ratio)} (${factor(low)} to ${factor(high)})`;

/** CPU time for each work of an operation that has so many of them, in nanoseconds. */
const timeOf = (values) => lowerQuartile(values.cpu);

/** A line of the table of goals: a cell has what is written, and whether that is within the goal. */
const goalLines = ({ nodes }, { ratio, find }) => {
  const lineOf = (title, goal, read) => ({ title, goal, cells: nodes.map(({ major }) => read(major)) });
  const growthOf = (major, name) => {
    const [last, first] = [GROWTH.to, GROWTH.from].map((size) => find(major, GROWTH.name, name, size));
    return last && first && timeOf(last) / timeOf(first);
  };
  return [
    ...COLUMNS.map((column) =>
      lineOf(column.title, `≤ ${column.goal}`, (major) => {
        const found = ratio(major, column, OURS);
        return found && { written: spread(found), isMet: found.ratio <= column.goal };
      }),
    ),
    lineOf(`bytes for each queued work, of ${count(MEMORY.sizes.at(-1))}`, `≤ ${MEMORY.goal}`, (major) => {
      const values = find(major, MEMORY.name, OURS, MEMORY.sizes.at(-1))?.bytes;
      return values && { written: median(values).toFixed(0), isMet: median(values) <= MEMORY.goal };
    }),
    lineOf(
      `growth from ${count(GROWTH.from)} to ${count(GROWTH.to)} async works`,
      `≤ ${GROWTH.goal}, or that by hand`,
      (major) => {
        const [own, base] = [growthOf(major, OURS), growthOf(major, BASE)];
        return (
          own &&
          base && {
            written: `${factor(own)} (by hand ${factor(base)})`,
            isMet: own <= Math.max(GROWTH.goal, base),
          }
        );
      },
    ),
  ];
};

const goals = (results, reader) => {
  const lines = goalLines(results, reader);
  const all = lines.flatMap(({ cells }) => cells.filter(Boolean));
  const met = all.filter(({ isMet }) => isMet).length;
  return `## Against the goals

The design asks the library to cost what a careful engineer would write by hand: the goals are ratios to that. In this run
${met} of ${all.length} numbers are within their goal${met < all.length ? '; the others are in bold' : ''}. The brackets after ratios have the quartiles of the ratios within the rounds.

${table(
  ['workload', 'goal', ...results.nodes.map(({ major }) => `Node.js ${major}`)],
  lines.map(({ title, goal, cells }) => [
    title,
    goal,
    ...cells.map((cell) => {
      if (cell === undefined) return 'not run';
      return cell.isMet ? cell.written : `**${cell.written}**`;
    }),
  ]),
)}`;
};

const peers = (results, reader) => {
  const perNode = results.nodes.map(({ major, version }) => {
    const rows = results.candidates.map(({ name, title }) => [
      name === OURS ? `**${title}**` : title,
      ...COLUMNS.map((column) => {
        const found = reader.ratio(major, column, name);
        return found === undefined ? '–' : factor(found.ratio);
      }),
      reader.lacks(name).join(', ') || 'none',
    ]);
    return `### Node.js ${version}\n\n${table(['', ...COLUMNS.map(({ short }) => short), 'not kept'], rows)}`;
  });
  return `## Beside its peers

How many times the CPU time of what is written by hand each one takes. The last column has those of the [guarantees](guarantees.md)
looked at [below](#what-each-one-was-seen-to-do) that it was seen not to keep: a time next to many of them pays for less.

${OPERATIONS.map(({ name, title }) => `- **${name}**: ${title}`).join('\n')}

![Bar chart of the ratios](benchmarks.svg)

${perNode.join('\n\n')}`;
};

const seen = ({ probes, candidates, nodes }) => {
  const majors = nodes.map(({ major }) => major);
  const cell = (probe, name) => {
    const held = majors.filter((major) => probes[major]?.[name]?.[probe]);
    if (held.length === majors.length) return 'yes';
    return held.length === 0 ? 'no' : `on ${held.join(', ')}`;
  };
  const names = Object.keys(PROBES);
  return `## What each one was seen to do

Small programs try it out, with each candidate wired as it was for the times; other wiring of the same library may do more.

${table(
  ['', ...names.map((_, index) => String.fromCodePoint(97 + index))],
  candidates.map(({ name, title }) => [title, ...names.map((probe) => cell(probe, name))]),
)}

${names.map((name, index) => `- **${String.fromCodePoint(97 + index)}** (${PROBES[name].guarantee}): ${PROBES[name].title}`).join('\n')}`;
};

const absolute = (results, { find }) => `## What the base takes

${table(
  ['by hand', ...results.nodes.map(({ major }) => `Node.js ${major}`)],
  COLUMNS.map(({ title, workload, metric }) => [
    title,
    ...results.nodes.map(({ major }) => {
      const values = find(major, workload, BASE)?.[metric];
      return values === undefined ? 'not run' : nanoseconds(lowerQuartile(values));
    }),
  ]),
)}

The times of w6 are those of one of the operations.`;

/** A table whose lines are the candidates on each Node.js, left out where there is nothing. */
const byCandidate = (results, { find }, workload, headings, cells) => {
  const rows = results.nodes.flatMap(({ major }) =>
    results.candidates.flatMap(({ name, title }) => {
      const read = (size) => find(major, workload.name, name, size);
      const written = cells(read);
      return written === undefined ? [] : [[`Node.js ${major}`, title, ...written]];
    }),
  );
  return rows.length === 0 ? undefined : table(['', '', ...headings], rows);
};

const sized = (workload, write) => (read) => {
  const found = workload.sizes.map((size) => read(size));
  return found.some(Boolean)
    ? found.map((values) => (values === undefined ? '–' : write(values)))
    : undefined;
};

const memory = (results, reader) => {
  const found = byCandidate(
    results,
    reader,
    MEMORY,
    MEMORY.sizes.map((size) => `${count(size)} works`),
    sized(MEMORY, (values) => bytes(median(values.bytes))),
  );
  if (found === undefined) return undefined;
  return `## Memory

What the heap has grown by when all are deferred, for each work. All works are one function, so that its own memory is not counted.

${found}`;
};

const growth = (results, reader) => {
  const found = byCandidate(
    results,
    reader,
    GROWTH,
    [...GROWTH.sizes.map(count), `${count(GROWTH.to)} to ${count(GROWTH.from)}`],
    (read) => {
      const cells = sized(GROWTH, (values) => nanoseconds(timeOf(values)))(read);
      const [last, first] = [read(GROWTH.to), read(GROWTH.from)];
      return cells && [...cells, last && first ? factor(timeOf(last) / timeOf(first)) : '–'];
    },
  );
  if (found === undefined) return undefined;
  return `## Growth

CPU time for each async work as the operation has more of them.

${found}`;
};

const fairness = (results, reader) => {
  const write = (values) => {
    const least = Math.min(...values);
    const most = Math.max(...values);
    if (values.length === 1) return milliseconds(values[0]);
    return `${milliseconds(median(values))} (${milliseconds(least)} to ${milliseconds(most)})`;
  };
  const found = byCandidate(
    results,
    reader,
    FAIRNESS,
    ['event loop held', 'longest answer', 'drain'],
    (read) => {
      const values = read(undefined);
      return values && [write(values.held), write(values.latency), write(values.drained)];
    },
  );
  if (found === undefined) return undefined;
  return `## Fairness

${count(FAIRNESS.works)} synchronous works of about a microsecond are drained in the process of an HTTP server that another process asks without a pause.
How long the event loop was held at most, and how long the slowest answer took: the median of the rounds, and the least and the most.

${found}`;
};

const startup = (results, { ratio, find }) => {
  const rows = results.nodes.flatMap(({ major }) =>
    STARTUP.only.flatMap((name) => {
      const values = find(major, STARTUP.name, name);
      const bySide = ratio(major, { workload: STARTUP.name, metric: 'cpu' }, name, 'p-queue');
      if (values === undefined) return [];
      const { files, bytes: size, gzipped } = results.sizes[name];
      const times = [values.wall, values.cpu].map((one) => nanoseconds(lowerQuartile(one)));
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

const left = ({ nodes, leftOut, majors }) => {
  const without = majors.filter((major) => !nodes.some((node) => node.major === major));
  const lines = [
    ...without.map((major) => `- Node.js ${major}: not part of this run`),
    ...leftOut.map(
      ({ workload, candidates, reason }) => `- ${workload}, ${candidates.join('; ')}: ${reason}`,
    ),
  ];
  return lines.length === 0 ? undefined : `## What was not run\n\n${lines.join('\n')}`;
};

const method = ({ date, seed, rounds, pace, machine, nodes, library, candidates }) => {
  const versions = candidates.filter(({ version }) => version);
  const revision = library.revision === undefined ? '' : `, revision ${library.revision}`;
  return `## How it was measured

- **When and where:** ${date.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores, ${machine.memory} GiB, ${machine.platform}; Node.js ${nodes.map(({ version }) => version).join(', ')}.
- **What:** deferqueue ${library.version}${revision}${library.isChanged ? ' with changes' : ''}; ${versions.map(({ peer, version, peerNote }) => `${peer} ${version}${peerNote ? ` (${peerNote})` : ''}`).join('; ')}.
- **By hand:** an \`AsyncLocalStorage\` with an array, run in a loop when the function has settled. It does not keep the context of each work, and
  stops at the first failure: the ratios are to less than the library does.
- **A measurement** is a process of its own. It warms up for ${pace.warmUp} ms and then takes ${pace.samples} samples of at least ${pace.target} ms each, fewer where one takes
  seconds. Their lower quartile counts. CPU time is that of the whole process, with what the collector and the compiler do on other threads.
- **Rounds:** ${rounds}. In each, the candidates of one workload stand side by side in random order (seed ${seed}). A ratio is that of the lower quartiles of
  all rounds. A machine that does something else at the same time makes single numbers larger, and the brackets wider.
- **Checks:** each sample counts the works that ran and looks at their order. One that is missing or out of order ends the run.
- **Again:** \`npm run bench\` measures everything and writes this page; \`npm run bench -- --help\` tells how to measure less of it.
  \`npm run bench:compare -- REVISION\` measures the working tree beside another revision.`;
};

export const renderPage = (results) => {
  const reader = readerOf(results);
  const parts = [
    `# Benchmarks

What deferring costs here, beside the same work written by hand and other libraries that run work at the end of something. Nobody
writes on this page: it is made from \`bench/results/page.json\`, the results of one run.`,
    goals(results, reader),
    peers(results, reader),
    seen(results),
    absolute(results, reader),
    memory(results, reader),
    growth(results, reader),
    fairness(results, reader),
    startup(results, reader),
    left(results),
    method(results),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
};

/** The bars of the newest Node.js of the run. */
export const renderPageChart = (results) => {
  const { ratio } = readerOf(results);
  const { major, version } = results.nodes.at(-1);
  const groups = COLUMNS.map((column) => ({
    title: column.title,
    bars: results.candidates.flatMap(({ name, title }) => {
      const found = name === BASE ? undefined : ratio(major, column, name);
      return found === undefined ? [] : [{ title, ratio: found.ratio, isOurs: name === OURS }];
    }),
  }));
  return renderChart({
    title: `Times the cost of "by hand", Node.js ${version}, on a logarithmic scale: shorter is better`,
    groups,
  });
};
