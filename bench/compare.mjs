#!/usr/bin/env node
// Measures the working tree beside another revision of the package: `npm run bench:compare -- main~5`.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPrivateTools } from '../scripts/private-tools.mjs';
import { WORKLOADS, readArguments } from './arguments.mjs';
import { build, entry, root } from './build.mjs';
import { describe, sortRows } from './console-table.mjs';
import { PACES, groupsOf, measureAll, scheduleOf } from './measure.mjs';
import { MAJORS, findNodes } from './nodes.mjs';
import { createProgress } from './progress.mjs';
import { ALL, OPERATIONS, pointsOf } from './workloads.mjs';

const usage = `Usage: npm run bench:compare -- REVISION [options]

Builds the package as it was at REVISION of git in a temporary folder, and measures it and the working tree
in turn. The ratios are those of the working tree to REVISION: below 1 the working tree is faster.

  --workload NAMES  these workloads alone: ${WORKLOADS.join(', ')}
                    (without it those of operations)
  --node MAJORS     these versions of Node.js alone: ${MAJORS.join(', ')} (20,24)
  --rounds N        how often everything is measured, each time in a process of its own (7, quick 3)
  --quick           shorter warm-up, fewer samples
  --seed S          the order of the measurements (a random one)
  --help            this text

Names are separated by commas.`;

const asked = readArguments({ program: 'bench:compare', usage, positionals: ['REVISION'] });
const [revision] = asked.given;

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

const resolve = () => {
  try {
    return git('rev-parse', '--short', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  } catch {
    console.error(`bench:compare: "${revision}" is no revision of this repository`);
    return process.exit(2);
  }
};

const commit = resolve();
const folder = mkdtempSync(join(tmpdir(), 'deferqueue-compare-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The other revision, built as it says itself, with the tools and the p-queue that are installed here. */
const buildOther = () => {
  const archive = join(folder, 'sources.tar');
  git('archive', '--output', archive, commit);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' });
  const built = join(folder, 'dist/index.js');
  if (!existsSync(built)) throw new Error(`The build of ${commit} made no dist/index.js`);
  return built;
};

/** A copy in the same place as the other one: what is edited or built meanwhile is not measured. */
const copyOwn = () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  cpSync(join(root, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(own, 'package.json'));
  return join(own, entry.slice(root.length));
};

installPrivateTools(join(root, 'bench'));
build();
console.log(`Building ${commit}`);
const base = `${commit} (${revision})`;
const subjects = [
  { name: base, input: { candidate: 'deferqueue', library: buildOther() } },
  { name: 'working tree', input: { candidate: 'deferqueue', library: copyOwn() } },
];

const chosen = ALL.filter((one) =>
  asked.workload === undefined ? OPERATIONS.includes(one) : asked.workload.includes(one.name),
);
const groups = groupsOf({
  nodes: findNodes(asked.node ?? ['20', '24']),
  points: chosen.flatMap(pointsOf),
  subjects,
  canDo: () => true,
});
const rounds = asked.rounds ?? (asked.quick ? 3 : 7);
const schedule = scheduleOf({ groups, rounds, seed: asked.seed });
console.log(`seed ${asked.seed}, ${schedule.length} measurements`);
const progress = createProgress(schedule.length);
const pace = PACES[asked.quick ? 'quick' : 'full'];
const rows = await measureAll({ schedule, pace, step: progress.step }).finally(progress.stop);
const names = subjects.map(({ name }) => name);
console.log(['', ...describe(sortRows(rows, WORKLOADS, names), base)].join('\n'));
