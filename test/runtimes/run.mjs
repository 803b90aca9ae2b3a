#!/usr/bin/env node
// Runs tests on other versions of Node.js, whose binaries come as packages: `npm run test:runtimes`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('.', import.meta.url));
const RUNTIMES = ['node-22'];
// What depends on the version: contexts, timers, what is collected, and p-queue 10, which asks for Node.js 22.
const TESTS = ['test/core/concurrency.test.ts', 'test/core/context.test.ts', 'test/core/deadlines.test.ts'];
TESTS.push('test/core/release.test.ts', 'test/core/shutdown.test.ts');

const run = (command, args, cwd) => {
  // The warnings are expected, and asserted where they are.
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

const binaryOf = (name) => `${folder}node_modules/${name}/bin/node`;

if (!RUNTIMES.every((name) => existsSync(binaryOf(name)))) {
  run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}
for (const name of RUNTIMES) {
  console.log(`\n${name}: ${TESTS.join(' ')}`);
  run(binaryOf(name), ['node_modules/vitest/vitest.mjs', 'run', ...TESTS, '--reporter=dot'], root);
}
