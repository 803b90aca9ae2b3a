// What the page says about a run.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { root } from './build.mjs';
import { NAMES, importCandidate } from './candidates/index.mjs';

const versionIn = (path) => JSON.parse(readFileSync(`${root}${path}package.json`, 'utf8')).version;
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

const describeLibrary = () => {
  const version = versionIn('');
  try {
    const isChanged = git('status', '--porcelain', '--', 'src') !== '';
    return { version, revision: git('rev-parse', '--short', 'HEAD'), isChanged };
  } catch {
    return { version };
  }
};

export const describeRun = async ({ nodes, rounds, seed }) => {
  const candidates = await Promise.all(NAMES.map(importCandidate));
  return {
    date: new Date().toISOString(),
    seed,
    rounds,
    machine: `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    library: describeLibrary(),
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
