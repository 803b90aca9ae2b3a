#!/usr/bin/env node
// Measures deferqueue, its hand-written floor and its peers, and writes bench/README.md: `npm run bench`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { installPrivateTools } from '../scripts/private-tools.mjs';
import { commandOf, namesOf, optionsOf } from './arguments.mjs';
import { build, entry, root } from './build.mjs';
import { NAMES, PEERS } from './candidates/index.mjs';
import { measureAll, printRows } from './measure.mjs';
import { MAJORS, findNodes } from './nodes.mjs';
import { renderPage } from './page/page.mjs';
import { withSummary } from './page/summary.mjs';
import { describeRun } from './results.mjs';
import { estimate, scheduleOf } from './schedule.mjs';
import { PEER_ROUNDS, WORKLOADS, workloadOf } from './workloads.mjs';

const folder = join(root, 'bench');
const source = join(folder, 'results/page.json');
const readResults = () => JSON.parse(readFileSync(source, 'utf8'));

const command = commandOf(
  'npm run bench --',
  'Measures everything and writes bench/README.md and the summary in README.md.\n' +
    'With a choice of what to measure, it only prints the numbers.',
)
  .option(
    '--only <names>',
    `only these candidates and what they are compared with: ${NAMES.join(', ')}`,
    namesOf(NAMES),
  )
  .option('--render', 'measure nothing, and write both pages from bench/results/page.json');
const asked = optionsOf(command);

const writePages = async () => {
  const results = readResults();
  const write = async (path, render) => {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const style = await resolveConfig(path);
    writeFileSync(path, await format(render(text), { ...style, parser: 'markdown' }));
    console.log(`${path.slice(root.length)} is written`);
  };
  await write(join(folder, 'README.md'), () => renderPage(results));
  await write(join(root, 'README.md'), (text) => withSummary(text, results));
};

const main = async () => {
  if (asked.render) return writePages();
  const majors = asked.node ?? MAJORS;
  if (!asked.plan) installPrivateTools(folder);
  const nodes = asked.plan ? majors.map((major) => ({ major })) : findNodes(majors);
  const only = asked.only ?? NAMES;
  const workloads = WORKLOADS.filter(({ name }) => asked.workload?.includes(name) ?? true).filter(
    ({ candidates }) => candidates.some((name) => only.includes(name)),
  );
  const rounds = asked.rounds ?? 5;
  const schedule = scheduleOf({
    nodes,
    workloads,
    subjectsOf: (workload) =>
      workload.candidates
        .filter((name) => name === workload.base || only.includes(name))
        .map((name) => ({ name, input: { candidate: name, library: entry } })),
    rounds,
    seed: asked.seed,
    roundsOf: ({ name }, workload) =>
      asked.rounds ?? workload.rounds ?? (PEERS.includes(name) ? PEER_ROUNDS : rounds),
  });
  const minutes = estimate(schedule, existsSync(source) ? readResults().rows : []) / 60;
  console.log(`seed ${asked.seed}, ${schedule.length} measurements, about ${Math.ceil(minutes)} minutes`);
  if (asked.plan) return undefined;

  build();
  const rows = await measureAll(schedule);
  printRows(rows, (name) => workloadOf(name).base);
  if ([asked.only, asked.workload, asked.node, asked.rounds].some((choice) => choice !== undefined))
    return undefined;
  const results = { ...(await describeRun({ nodes, rounds, seed: asked.seed })), rows };
  writeFileSync(source, await format(JSON.stringify(results), { parser: 'json', printWidth: 160 }));
  return writePages();
};

await main();
