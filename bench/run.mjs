#!/usr/bin/env node
// Measures deferqueue beside what else does such work, and writes docs/benchmarks.md: `npm run bench`.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import { renderGrowthChart, renderPage, renderPageChart, withSummary } from './page.mjs';
import { createProgress } from './progress.mjs';
import { estimate } from './estimate.mjs';
import { describeLibrary, describeMachine, measureBytes, rounded, versionOf } from './results.mjs';
import { ALL, STARTUP, SEMI_SPACE, SPREAD, pointsOf, whyNot } from './workloads.mjs';

const folder = join(root, 'bench');
const source = join(folder, 'results/page.json');

const usage = `Usage: npm run bench -- [options]

Measures everything and writes docs/benchmarks.md, its charts and the summary in README.md. With a choice of what to measure, it only prints the numbers.

  --only NAMES      these candidates alone, and ${BASE}, which all are compared with:
                    ${NAMES.join(', ')}
  --workload NAMES  these workloads alone: ${WORKLOADS.join(', ')}
  --node MAJORS     these versions of Node.js alone: ${MAJORS.join(', ')}
  --rounds N        how often everything is measured, each time in a process of its own (5, quick 1);
                    some workloads and slow candidates fewer times in a full run, which the page tells
  --quick           shorter warm-up, fewer samples
  --seed S          the order of the measurements (a random one)
  --page            write the page, though not everything was measured: it tells what was not
  --render          measure nothing, and write the page from ${source.slice(root.length)}
  --plan            measure nothing, and tell how long it would take
  --help            this text

Names are separated by commas. The results of each run, as far as its rounds are complete, are in
bench/results/last.json: copied to page.json, they make the page.`;

const flag = /** @type {const} */ ({ type: 'boolean' });
const asked = readArguments({
  program: 'bench',
  usage,
  options: { only: { type: 'string' }, page: flag, render: flag, plan: flag },
});

const readKept = () => (existsSync(source) ? JSON.parse(readFileSync(source, 'utf8')) : undefined);

const writePage = async () => {
  const results = readKept();
  const write = async (path, text) => {
    const style = await resolveConfig(path);
    writeFileSync(path, await format(text, { ...style, parser: 'markdown' }));
  };
  const readme = join(root, 'README.md');
  await write(join(root, 'docs/benchmarks.md'), renderPage(results));
  await write(readme, withSummary(readFileSync(readme, 'utf8'), results));
  writeFileSync(join(root, 'docs/benchmarks.svg'), renderPageChart(results));
  const growth = renderGrowthChart(results);
  if (growth !== undefined) writeFileSync(join(root, 'docs/benchmarks-growth.svg'), growth);
  console.log('docs/benchmarks.md, its charts and the summary in README.md are written');
};

if (asked.render) {
  await writePage();
  process.exit(0);
}

installPrivateTools(folder);
build();

const pace = PACES[asked.quick ? 'quick' : 'full'];
const rounds = asked.rounds ?? (asked.quick ? 1 : 5);
const names = NAMES.filter((name) => (asked.only ?? NAMES).includes(name) || name === BASE);
const candidates = await readCandidates(names);
const nodes = findNodes(asked.node);
const chosen = ALL.filter(({ name }) => asked.workload === undefined || asked.workload.includes(name));

const workloadOf = ({ workload }) => ALL.find(({ name }) => name === workload);
const inputOf = ({ name }) => ({ candidate: name, library: entry });
const subjects = candidates.map((candidate) => ({ ...candidate, input: inputOf(candidate) }));
const groups = groupsOf({
  nodes,
  points: chosen.flatMap(pointsOf),
  subjects,
  canDo: (subject, point) => whyNot(subject, workloadOf(point)) === undefined,
});
/** Where everything is measured; who asks for a part of it gets the rounds that are asked for. */
const isWhole = [asked.only, asked.workload].every((choice) => choice === undefined);
const mostRounds = (subject, point) =>
  isWhole ? Math.min(subject.rounds ?? rounds, workloadOf(point).rounds ?? rounds) : rounds;
const schedule = scheduleOf({ groups, rounds, seed: asked.seed, mostRounds });
const minutes = estimate(schedule, pace, readKept()?.rows ?? []) / 60;
console.log(`seed ${asked.seed}, ${schedule.length} measurements, about ${Math.ceil(minutes)} minutes`);
if (asked.plan) process.exit(0);

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
  semiSpace: SEMI_SPACE,
  spread: SPREAD,
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

if ((isWhole && !asked.node && !asked.quick) || asked.page) {
  copyFileSync(last, source);
  await writePage();
}
