#!/usr/bin/env node
// Measures deferqueue beside what else does such work, and writes docs/benchmarks.md: `npm run bench`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPrivateTools } from '../scripts/private-tools.mjs';
import { WORKLOADS, readArguments } from './arguments.mjs';
import { build, entry, root } from './build.mjs';
import { BASE, NAMES, readCandidates } from './candidates/index.mjs';
import { describe, sortRows } from './console-table.mjs';
import { PACES, groupsOf, measureAll, scheduleOf } from './measure.mjs';
import { MAJORS, findNodes } from './nodes.mjs';
import { createProgress } from './progress.mjs';
import { GROWTH, MEMORY, OPERATIONS, pointsOf } from './workloads.mjs';

const folder = join(root, 'bench');

const usage = `Usage: npm run bench -- [options]

  --only NAMES      these candidates alone, and ${BASE}, which all are compared with:
                    ${NAMES.join(', ')}
  --workload NAMES  these workloads alone: ${WORKLOADS.join(', ')}
  --node MAJORS     these versions of Node.js alone: ${MAJORS.join(', ')}
  --rounds N        how often everything is measured, each time in a process of its own (5, quick 2)
  --quick           shorter warm-up, fewer samples
  --seed S          the order of the measurements (a random one)
  --help            this text

Names are separated by commas.`;

const asked = readArguments({
  program: 'bench',
  usage,
  options: { only: { type: 'string' } },
});

installPrivateTools(folder);
build();

const pace = PACES[asked.quick ? 'quick' : 'full'];
const rounds = asked.rounds ?? (asked.quick ? 2 : 5);
const names = NAMES.filter((name) => (asked.only ?? NAMES).includes(name) || name === BASE);
const candidates = await readCandidates(names);
const nodes = findNodes(asked.node);
const chosen = [...OPERATIONS, MEMORY, GROWTH].filter(
  ({ name }) => asked.workload === undefined || asked.workload.includes(name),
);

const subjects = candidates.map((candidate) => ({
  name: candidate.name,
  input: { candidate: candidate.name, library: entry },
}));
const cannot = (name, workload) => candidates.find((one) => one.name === name).cannot?.[workload];
const groups = groupsOf({
  nodes,
  points: chosen.flatMap(pointsOf),
  subjects,
  canDo: ({ name }, { workload }) => cannot(name, workload) === undefined,
});
const schedule = scheduleOf({ groups, rounds, seed: asked.seed });
console.log(`seed ${asked.seed}, ${schedule.length} measurements`);

const progress = createProgress(schedule.length);
const measured = await measureAll({ schedule, pace, step: progress.step }).finally(progress.stop);
const rows = sortRows(measured, WORKLOADS, NAMES);

console.log(['', ...describe(rows, BASE)].join('\n'));
mkdirSync(join(folder, 'results'), { recursive: true });
writeFileSync(join(folder, 'results/last.json'), `${JSON.stringify({ rows })}\n`);
