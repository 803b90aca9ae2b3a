#!/usr/bin/env node
// Runs the cases of smoke/ on every runtime, and the project's tests on other versions of Node.js: `npm run test:runtimes`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepResults, resultsOf, root } from '../../scripts/test/results.mjs';
import { install, remove } from './installation.mjs';
import { mistakesOf } from './page.mjs';
import { areInstalled, canInstall, here, isThere, runtimes, versionOf } from './runtimes.mjs';
import { runOnWorkerd } from './workerd.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = runtimes.map(({ name }) => name);

/** The level of testing that this is a part of, where the results are kept. */
const LEVEL = 'everything';
/** How long the cases may take on one runtime, in milliseconds. */
const LIMIT = 120_000;
/** Random programs for each property: what a version could change, few of them show as well. */
const PROGRAMS = '500';
/** Texts, the package and the tools depend little on the version, and the other tests look closer than the examples do. */
const LEFT_OUT = ['bench', 'cost', 'docs', 'examples', 'package'].map((name) => `test/${name}/**`);

const usage = `Usage: npm run test:runtimes -- [--only NAME]… [--cases] [--whole] [--help]

Runs the cases of test/runtimes/smoke over the built package on ${names.join(', ')},
then the tests on the versions of Node.js among them that do not run this already.

  --only NAME  that runtime alone, may be given several times
  --cases      the cases alone, without the tests
  --whole      all tests, and all of each: without it those of ${LEFT_OUT.map((path) => path.replace('/**', '')).join(', ')}
               are left out, and each property gets ${PROGRAMS} random programs
  --help       this text

Needs npm run build first. Exits with 1 if anything fails.`;

const parse = () => {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const many = /** @type {const} */ ({ type: 'string', multiple: true });
  try {
    return parseArgs({ options: { only: many, cases: flag, whole: flag, help: flag } }).values;
  } catch (error) {
    return { refused: error.message };
  }
};

const { only = names, cases, whole, help, refused } = parse();
const unknown = only.find((name) => !names.includes(name));
const wrong = refused ?? (unknown && `--only has to be one of ${names.join(', ')}, and is "${unknown}"`);
if (wrong !== undefined) {
  console.error(`test:runtimes: ${wrong}\n\n${usage}`);
  process.exit(2);
}
if (help) {
  console.log(usage);
  process.exit(0);
}

const failures = [];
const tell = (...lines) => console.log(lines.join('\n').replaceAll('\n', '\n  '));
const fail = (...lines) => {
  failures.push(lines);
  tell(...lines);
};

/** Runs main.js, which prints its results as the last line. */
const runHere = ({ name, binary, args }, installation) => {
  const { status, signal, stdout, stderr } = spawnSync(binary, [...args, 'smoke/main.js', name], {
    cwd: installation,
    encoding: 'utf8',
    // The warnings are expected, and asserted where they are.
    env: { ...process.env, NODE_NO_WARNINGS: '1', NO_COLOR: '1' },
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
  const line = stdout.trim().split('\n').at(-1);
  if (status === 0 && line.startsWith('{')) return JSON.parse(line);
  throw new Error(`it ended with ${signal ?? status} and printed:\n${stdout}${stderr}`);
};

const runCases = async (runtime, installation) => {
  const version = versionOf(runtime);
  const on = `${runtime.name} ${version}`;
  let results;
  try {
    results = await (runtime.kind === 'workerd' ? runOnWorkerd : runHere)(runtime, installation);
  } catch (error) {
    fail(`✗ ${on}: the cases did not run to their end`, error.message);
    keepResults(LEVEL, `cases on ${runtime.name}`, 0, [
      `the cases did not run to their end: ${error.message}`,
    ]);
    return;
  }
  const { passed, notSupported } = results;
  const mistakes = mistakesOf({ ...runtime, isFixed: runtime.name !== here }, version, notSupported);
  const lacking =
    notSupported.length > 0 ? `, ${notSupported.length} not supported (${notSupported.join('; ')})` : '';
  const wrongs = [...results.failed.map(({ title, problem }) => `${title}\n  ${problem}`), ...mistakes];
  keepResults(LEVEL, `cases on ${runtime.name}`, passed.length, wrongs);
  const line = `${on}: ${passed.length} cases passed${lacking}`;
  if (wrongs.length === 0) tell(`✓ ${line}`);
  else fail(`✗ ${line}, ${wrongs.length} failed`, ...wrongs);
};

const runTests = (runtime) => {
  const args = whole ? [] : LEFT_OUT.flatMap((path) => ['--exclude', path]);
  console.log(
    `\n${runtime.name} ${versionOf(runtime)}: ${whole ? 'all tests' : `the tests without ${LEFT_OUT.join(', ')}`}`,
  );
  const { status } = spawnSync(
    runtime.binary,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...args,
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${resultsOf(LEVEL)}/tests on ${runtime.name}.json`,
    ],
    {
      cwd: root,
      env: { ...process.env, NODE_NO_WARNINGS: '1', ...(!whole && { DEFERQUEUE_FUZZ_RUNS: PROGRAMS }) },
      stdio: 'inherit',
    },
  );
  if (status !== 0) fail(`✗ ${runtime.name}: the tests failed`);
};

if (canInstall && !areInstalled()) {
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

const chosen = runtimes.filter(({ name }) => only.includes(name));
const missing = chosen.filter((runtime) => !isThere(runtime));
const there = chosen.filter(isThere);
for (const { name } of missing) {
  if (canInstall) fail(`✗ ${name}: its package has not been installed`);
  else
    console.log(
      `- ${name}: there is no binary for ${process.platform} on ${process.arch} among the packages`,
    );
}

if (!existsSync(`${root}dist/index.js`)) {
  console.error('test:runtimes: there is no dist/index.js: npm run build');
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
const installation = install();
process.once('exit', () => remove(installation));
try {
  for (const runtime of there) await runCases(runtime, installation);
} finally {
  remove(installation);
}
if (!cases) there.filter(({ kind, name }) => kind === 'node' && name !== here).forEach(runTests);

// Once more where it is seen: what has failed may be far above.
if (failures.length > 0) console.log(`\ntest:runtimes: ${failures.length} failed\n`);
failures.forEach((lines) => tell(...lines));
process.exitCode = failures.length > 0 ? 1 : 0;
