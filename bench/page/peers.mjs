// The sections of the page on how the candidates stand beside each other.
import { best } from '../arithmetic.mjs';
import { BASE } from '../candidates/index.mjs';
import { PROBES } from '../probes.mjs';
import { factor, nanoseconds } from '../units.mjs';
import { OPERATIONS } from '../workloads.mjs';
import { COLUMNS, OURS } from './reader.mjs';
import { table } from './tables.mjs';

export const peers = (results, reader) => {
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

export const seen = ({ probes, candidates, nodes }) => {
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

export const absolute = (results, { find }) => `## What the base takes

${table(
  ['by hand', ...results.nodes.map(({ major }) => `Node.js ${major}`)],
  COLUMNS.map(({ title, workload, metric }) => [
    title,
    ...results.nodes.map(({ major }) => {
      const values = find(major, workload, BASE)?.[metric];
      return values === undefined ? 'not run' : nanoseconds(best(values));
    }),
  ]),
)}

The times of w6 are those of one of the operations.`;
