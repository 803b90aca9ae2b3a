// Holds what the hot path costs, in counts and not in time: `npm run check:cost`, after `npm run build`.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { checkBuild } from '../package/tarball.mjs';
import { compare } from './compare.mjs';
import { WORKLOADS } from './workloads.mjs';

const ceilingsFile = new URL('ceilings.json', import.meta.url);
const library = new URL('../../dist/index.js', import.meta.url).href;

/** Nothing is collected while bytes are counted, and no code is replaced by code that allocates less or is not counted. */
export const FLAGS = [
  '--no-opt',
  '--no-sparkplug',
  '--no-maglev',
  '--no-lazy-feedback-allocation',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
];

/** In a process of its own, on which the environment has no influence. */
export const count = async (input, flags = FLAGS) => {
  const args = [...flags, fileURLToPath(new URL('count.mjs', import.meta.url)), JSON.stringify(input)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH } });
  return JSON.parse(stdout);
};

const check = async (update) => {
  await checkBuild();
  const counted = {};
  for (const workload of Object.keys(WORKLOADS)) counted[workload] = await count({ workload, library });
  console.table(counted);
  const { node, ...held } = JSON.parse(await readFile(ceilingsFile, 'utf8'));
  const [major] = process.versions.node.split('.');
  if (update) {
    await writeFile(ceilingsFile, `${JSON.stringify({ node: major, ...counted }, null, 2)}\n`);
    console.log(`These are the ceilings now, on Node.js ${major}`);
  } else if (major === node) {
    const { failed, lines } = compare(held, counted);
    console.log(lines.join('\n'));
    if (failed) process.exitCode = 1;
  } else {
    console.log(`- the ceilings are for Node.js ${node}: counts differ between major versions`);
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { update = false } = parseArgs({ options: { update: { type: 'boolean' } } }).values;
  await check(update);
}
