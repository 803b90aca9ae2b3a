// What the page says about a run.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { root } from './build.mjs';
import { NAMES, importCandidate } from './candidates/index.mjs';

const versionIn = (path) => JSON.parse(readFileSync(`${root}${path}package.json`, 'utf8')).version;
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** The commit that was measured, and whether the sources differ from it. */
const describeRevision = () =>
  git('rev-parse', '--short', 'HEAD') +
  (git('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes');

export const describeRun = async ({ nodes, rounds, seed }) => {
  const candidates = await Promise.all(NAMES.map(importCandidate));
  return {
    date: new Date().toISOString(),
    seed,
    rounds,
    machine: `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    library: { version: versionIn(''), revision: describeRevision() },
    nodes: nodes.map(({ major, version }) => ({ major, version })),
    candidates: candidates.map(({ name, title, peer, lacks }) => ({
      name,
      title,
      ...(peer && {
        version: `${peer === title ? '' : `${peer} `}${versionIn(`bench/node_modules/${peer}/`)}`,
        lacks,
      }),
    })),
  };
};
