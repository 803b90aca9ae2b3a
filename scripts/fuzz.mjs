// Runs many random programs against the models of the contract: `npm run test:fuzz -- --runs 100000`.
// They run in chunks with consecutive seeds, so that a failure is repeated by the chunk that it came from.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { duration, root } from './test/results.mjs';

const FILES = {
  interleavings: 'test/property/interleavings.test.ts',
  serial: 'test/property/random-programs.test.ts',
};
const CHUNK = 4000;
const MAX_SEED = 2 ** 31 - 1;

const usage = `Usage: npm run test:fuzz -- [--runs N] [--seed S] [--only ${Object.keys(FILES).join('|')}] [--help]

  --runs N   how many programs each of the properties gets (10000)
  --seed S   the seed of the first chunk, from 0 to ${MAX_SEED} (a random one)
  --only W   one property file alone:
             interleavings: the timed model, under schedules of gates and fake time
             serial: the model without time
  --help     this text

Exits with 1 at the first failure, and prints the command that repeats it.`;

const refuse = (message) => {
  console.error(`fuzz: ${message}\n\n${usage}`);
  process.exit(2);
};

const wholeNumber = (name, given, least, most) => {
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < least || value > most)
    refuse(`--${name} must be a whole number from ${least} to ${most}, got "${given}"`);
  return value;
};

const text = /** @type {const} */ ({ type: 'string' });
const options = /** @type {const} */ ({ runs: text, seed: text, only: text, help: { type: 'boolean' } });
const { help, only, ...numbers } = parseArgs({ options }).values;
if (help) {
  console.log(usage);
  process.exit(0);
}
if (only !== undefined && !Object.hasOwn(FILES, only))
  refuse(`--only must be one of ${Object.keys(FILES).join(', ')}, got "${only}"`);
const runs = wholeNumber('runs', numbers.runs ?? '10000', 1, 1_000_000_000);
const firstSeed = wholeNumber('seed', numbers.seed ?? String(randomInt(MAX_SEED)), 0, MAX_SEED);
const files = only === undefined ? Object.values(FILES) : [FILES[only]];

console.log(`seed ${firstSeed}`);
const started = Date.now();
let undecided = 0;
for (let chunk = 0, done = 0; done < runs; chunk++) {
  const seed = (firstSeed + chunk) % (MAX_SEED + 1);
  const count = Math.min(CHUNK, runs - done);
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', `--maxWorkers=${files.length}`, ...files],
    {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        NO_COLOR: '1',
        DEFERQUEUE_FUZZ_RUNS: String(count),
        DEFERQUEUE_FUZZ_SEED: String(seed),
      },
      maxBuffer: Infinity,
    },
  );
  if (signal !== null) process.exit(130);
  if (status !== 0) {
    const repeat = `--runs ${count} --seed ${seed}${only === undefined ? '' : ` --only ${only}`}`;
    console.log(`${stdout}${stderr}`);
    console.error(`Failed. Repeat with: npm run test:fuzz -- ${repeat}`);
    process.exit(1);
  }
  undecided += Number(/(\d+) of \d+ programs are not decided/.exec(stdout)?.[1] ?? 0);
  done += count;
  const left = duration(((Date.now() - started) / done) * (runs - done));
  console.log(`${done} of ${runs} programs, ${left} left`);
}
console.log(
  `passed: ${runs} programs for each property in ${duration(Date.now() - started)}, ${undecided} not decided by the contract`,
);
