// Runs the cases under runners that give tests a realm, a `Promise` or timers of their own: Jest, Vitest's pools of realms,
// sinon and zone.js. They read what is built.
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installPrivateTools } from '../../scripts/private-tools.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const root = path('../../');

const RUNS = {
  Jest: [
    '--experimental-vm-modules',
    path('node_modules/jest/bin/jest.js'),
    '--rootDir',
    path('.'),
    '--config',
    path('jest.config.mjs'),
  ],
  ...Object.fromEntries(
    ['vmThreads', 'vmForks'].map((pool) => [
      `Vitest, ${pool}`,
      [`${root}node_modules/vitest/vitest.mjs`, 'run', '--config', path('vitest.config.mjs'), '--pool', pool],
    ]),
  ),
  sinon: ['--test', path('cases/fake-timers.sinon.mjs')],
  'zone.js': ['--test', path('cases/patched-promise.zone.mjs')],
};

installPrivateTools(path('.'));
if (!existsSync(path('node_modules/deferqueue'))) symlinkSync(root, path('node_modules/deferqueue'), 'dir');

const failed = Object.entries(RUNS).filter(([name, args]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: path('.'),
    encoding: 'utf8',
    // A drain that hangs is a failure, and not the end of the run.
    timeout: 120_000,
  });
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  if (status !== 0) console.log(`${stdout}${stderr}`);
  return status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
