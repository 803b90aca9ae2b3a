// The two levels of testing: `npm test`, and with --everything what `npm run test:everything` adds to it.
import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { Listr, PRESET_TIMER } from 'listr2';
import { keepResults, readResults, resultsOf, root, verdict } from './results.mjs';

const LEVELS = {
  test: {
    says: `npm test builds the package, checks types, lint and format, and runs all tests on Node.js ${process.versions.node}.
It takes about 3 minutes on two cores, and downloads nothing.
npm run test:everything adds other runtimes, other versions of Node.js, other test runners, the package in a clean project and the cost counts.`,
    checks: { types: 'check:types', lint: 'check:lint', format: 'check:format' },
    tests: [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${resultsOf('test')}/tests.json`,
    ],
  },
  everything: {
    says: `npm run test:everything checks the package in a clean project, the doc comments, Jest and
other test runners, and the cost counts. Then it runs the smoke
cases on Node.js 20 to 26, Bun, Deno and workerd, and the tests on the other versions of Node.js.
It takes about 7 minutes on two cores. The first run downloads about 350 MB into test/runtimes and scripts, 1 GB on the disk.
It adds to npm test, and repeats nothing of it.`,
    checks: {
      package: 'check:package',
      'doc comments': 'check:api',
      'test runners': 'check:runners',
      'cost counts': 'check:cost',
    },
    tests: ['test/runtimes/run.mjs'],
  },
};

const level = process.argv.includes('--everything') ? 'everything' : 'test';
const { says, checks, tests } = LEVELS[level];
const exec = promisify(execFile);
const passed = {};

/** Runs a script of package.json. What it printed is shown only if it fails. */
const task = (title, script) => ({
  title,
  task: async () => {
    passed[title] = false;
    try {
      await exec('npm', ['run', '--silent', script], { cwd: root, maxBuffer: 64 * 2 ** 20 });
    } catch (error) {
      const printed = `${error.stdout}${error.stderr}`.trim();
      throw new Error(`npm run ${script} failed\n${printed || error.message}`, { cause: error });
    }
    passed[title] = true;
  },
});

const started = Date.now();
rmSync(resultsOf(level), { recursive: true, force: true });
console.log(`${says}\n`);

const rendererOptions = { collapseErrors: false, timer: PRESET_TIMER };
const both = { exitOnError: false, rendererOptions, fallbackRendererOptions: rendererOptions };
await new Listr([task('build', 'build')], both).run();
if (passed.build) {
  const rest = Object.entries(checks).map(([title, script]) => task(title, script));
  await new Listr(rest, { ...both, concurrent: 2 }).run();
  console.log('');
  const { status, signal } = spawnSync(process.execPath, tests, { cwd: root, stdio: 'inherit' });
  if (status !== 0 && readResults(resultsOf(level)).every(({ failed }) => failed === 0))
    keepResults(level, 'all', 0, [`the tests ended with ${signal ?? `status ${status}`}`]);
}

const results = readResults(resultsOf(level));
const titles = Object.keys(passed);
const failures = titles.filter((title) => !passed[title]);
keepResults(level, 'checks', titles.length - failures.length, failures);
const line = verdict(results, passed, Date.now() - started);
console.log(`\n${line}`);
process.exitCode = line.startsWith('✓') ? 0 : 1;
