#!/usr/bin/env node
// Measures the working tree against another revision of the package: `npm run bench:compare -- main~5`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPrivateTools } from '../scripts/private-tools.mjs';
import { commandOf, optionsOf } from './arguments.mjs';
import { build, root } from './build.mjs';
import { measureAll, printRows } from './measure.mjs';
import { findNodes } from './nodes.mjs';
import { estimate, scheduleOf } from './schedule.mjs';
import { WORKLOADS } from './workloads.mjs';

const command = commandOf(
  'npm run bench:compare --',
  'Builds the package as it was at REVISION in a temporary folder, and measures it and the working tree in turn.\n' +
    'Ratios are the working tree to REVISION: below 1 the working tree is faster.\n' +
    'Without a choice: the workloads of times, on Node.js 20 and 24, in 7 rounds.',
).argument('<REVISION>', 'a revision of git');
const asked = optionsOf(command);
const [revision] = command.args;

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();

const resolve = () => {
  try {
    return git('rev-parse', '--short', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  } catch {
    return command.error(`error: \`${revision}\` is not a revision of this repository`, { exitCode: 2 });
  }
};

/** Builds the other revision as it says itself, with the tools and the p-queue that are installed here. */
const buildOther = (commit, folder) => {
  const archive = join(folder, 'sources.tar');
  git('archive', '--output', archive, commit);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' });
};

/** Copies the working tree's build next to the other one: edits and builds in the meantime do not change what is measured. */
const copyOwn = (folder) => {
  const own = join(folder, 'own');
  mkdirSync(own);
  cpSync(join(root, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(own, 'package.json'));
};

const commit = resolve();
const folder = mkdtempSync(join(tmpdir(), 'deferqueue-compare-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const base = `${commit} (${revision})`;
const libraries = {
  [base]: join(folder, 'dist/index.js'),
  'working tree': join(folder, 'own/dist/index.js'),
};
const workloads = WORKLOADS.filter(
  ({ name, measure }) => asked.workload?.includes(name) ?? measure === 'time',
);
const majors = asked.node ?? ['20', '24'];
if (!asked.plan) installPrivateTools(join(root, 'bench'));
const schedule = scheduleOf({
  nodes: asked.plan ? majors.map((major) => ({ major })) : findNodes(majors),
  workloads,
  subjectsOf: (workload) =>
    Object.entries(libraries).map(([name, library]) => ({
      name,
      input: { candidate: workload.subject, library },
    })),
  rounds: asked.rounds ?? 7,
  seed: asked.seed,
});
const minutes = estimate(schedule, []) / 60;
console.log(`seed ${asked.seed}, ${schedule.length} measurements, about ${Math.ceil(minutes)} minutes`);
if (!asked.plan) {
  console.log(`Building ${commit}`);
  buildOther(commit, folder);
  build();
  copyOwn(folder);
  printRows(await measureAll(schedule), () => base);
}
