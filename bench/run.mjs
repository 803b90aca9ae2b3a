#!/usr/bin/env node
// Measures deferqueue beside what else does such work, and writes docs/benchmarks.md: `npm run bench`.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { installPrivateTools } from '../scripts/private-tools.mjs';
import { WORKLOADS, readArguments } from './arguments.mjs';
import { build, entry, root } from './build.mjs';
import { BASE, NAMES, readCandidates } from './candidates/index.mjs';
import { runChild } from './child.mjs';
import { describe, sortRows } from './console-table.mjs';
import { PACES, groupsOf, measureAll, scheduleOf } from './measure.mjs';
import { MAJORS, findNodes } from './nodes.mjs';
import { renderPage, renderPageChart } from './page.mjs';
import { createProgress } from './progress.mjs';
import { describeLibrary, describeMachine, measureBytes, rounded, versionOf } from './results.mjs';
import { ALL, STARTUP, pointsOf, whyNot } from './workloads.mjs';

const folder = join(root, 'bench');
const source = join(folder, 'results/page.json');

const usage = `Usage: npm run bench -- [options]

Measures everything and writes docs/benchmarks.md. With a choice of what to measure, it only prints the numbers.

  --only NAMES      these candidates alone, and ${BASE}, which all are compared with:
                    ${NAMES.join(', ')}
  --workload NAMES  these workloads alone: ${WORKLOADS.join(', ')}
  --node MAJORS     these versions of Node.js alone: ${MAJORS.join(', ')}
  --rounds N        how often everything is measured, each time in a process of its own (5, quick 2)
  --quick           shorter warm-up, fewer samples
  --seed S          the order of the measurements (a random one)
  --page            write the page, though not everything was measured: it tells what was not
  --render          measure nothing, and write the page from ${source.slice(root.length)}
  --help            this text

Names are separated by commas. The results of each run, as far as its rounds are complete, are in
bench/results/last.json: copied to page.json, they make the page.`;

const flag = /** @type {const} */ ({ type: 'boolean' });
const asked = readArguments({
  program: 'bench',
  usage,
  options: { only: { type: 'string' }, page: flag, render: flag },
});

const writePage = async () => {
  const results = JSON.parse(readFileSync(source, 'utf8'));
  const page = join(root, 'docs/benchmarks.md');
  const style = await resolveConfig(page);
  writeFileSync(page, await format(renderPage(results), { ...style, parser: 'markdown' }));
  writeFileSync(join(root, 'docs/benchmarks.svg'), renderPageChart(results));
  console.log('docs/benchmarks.md is written');
};

if (asked.render) {
  await writePage();
  process.exit(0);
}

installPrivateTools(folder);
build();

const pace = PACES[asked.quick ? 'quick' : 'full'];
const rounds = asked.rounds ?? (asked.quick ? 2 : 5);
const names = NAMES.filter((name) => (asked.only ?? NAMES).includes(name) || name === BASE);
const candidates = await readCandidates(names);
const nodes = findNodes(asked.node);
const chosen = ALL.filter(({ name }) => asked.workload === undefined || asked.workload.includes(name));

const inputOf = ({ name }) => ({ candidate: name, library: entry });
const subjects = candidates.map((candidate) => ({ ...candidate, input: inputOf(candidate) }));
const groups = groupsOf({
  nodes,
  points: chosen.flatMap(pointsOf),
  subjects,
  canDo: (subject, { workload }) =>
    whyNot(
      subject,
      ALL.find(({ name }) => name === workload),
    ) === undefined,
});
const schedule = scheduleOf({ groups, rounds, seed: asked.seed });
console.log(`seed ${asked.seed}, ${schedule.length} measurements`);

/** First of all, since it also tells whether every candidate can be loaded. */
const probes = {};
for (const { major, binary } of nodes) {
  probes[major] = {};
  for (const candidate of candidates) {
    probes[major][candidate.name] = await runChild(binary, 'sample.mjs', {
      ...inputOf(candidate),
      workload: 'probes',
    });
  }
}

const leftOut = ALL.flatMap((workload) => {
  const isChosen = chosen.includes(workload);
  if (!isChosen) return [{ workload: workload.name, candidates: ['all'], reason: 'not part of this run' }];
  if (workload === STARTUP) return [];
  const reasons = new Map();
  for (const candidate of candidates) {
    const reason = whyNot(candidate, workload);
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), candidate.title]);
  }
  return [...reasons].map(([reason, titles]) => ({ workload: workload.name, candidates: titles, reason }));
});
const notAsked = NAMES.filter((name) => !names.includes(name));
if (notAsked.length > 0)
  leftOut.push({ workload: 'all workloads', candidates: notAsked, reason: 'not part of this run' });

const resultsOf = async (rows, complete) => ({
  date: new Date().toISOString(),
  seed: asked.seed,
  rounds: complete,
  pace,
  machine: describeMachine(),
  library: describeLibrary(),
  majors: MAJORS,
  nodes: nodes.map(({ major, version }) => ({ major, version })),
  candidates: candidates.map(({ name, title, peer, peerNote }) => ({
    name,
    title,
    ...(peer !== undefined && { peer, version: versionOf(peer), peerNote }),
  })),
  sizes: Object.fromEntries(
    await Promise.all(STARTUP.only.map(async (name) => [name, await measureBytes(name, entry)])),
  ),
  probes,
  leftOut,
  rows: rounded(sortRows(rows, WORKLOADS, NAMES)),
});

const last = join(folder, 'results/last.json');
const write = async (rows, complete) => {
  const results = await resultsOf(rows, complete);
  mkdirSync(join(folder, 'results'), { recursive: true });
  writeFileSync(last, await format(JSON.stringify(results), { parser: 'json', printWidth: 160 }));
};

const progress = createProgress(schedule.length);
const rows = await measureAll({ schedule, pace, step: progress.step, roundDone: write }).finally(
  progress.stop,
);
console.log(['', ...describe(sortRows(rows, WORKLOADS, NAMES), BASE), ''].join('\n'));

const isWhole = [asked.only, asked.workload, asked.node, asked.quick].every((choice) => choice === undefined);
if (isWhole || asked.page) {
  copyFileSync(last, source);
  await writePage();
}
