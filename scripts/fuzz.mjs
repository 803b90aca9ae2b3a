// Runs many random programs against the models of the contract: `node scripts/fuzz.mjs --runs 100000`.
// They run in chunks with consecutive seeds, so that a failure is repeated by the chunk that it came from.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = {
  interleavings: 'test/property/interleavings.test.ts',
  serial: 'test/property/random-programs.test.ts',
};
const chunkSize = 4000;
const maxSeed = 2 ** 31 - 1;

const usage = `Usage: node scripts/fuzz.mjs [--runs N] [--seed S] [--only ${Object.keys(files).join('|')}] [--help]

  --runs N   how many programs each of the properties gets (10000)
  --seed S   the seed of the first chunk, from 0 to ${maxSeed} (a random one)
  --only W   one property file alone:
             interleavings: the timed model, under schedules of gates and fake time
             serial: the model without time
  --help     this text

Exits with 1 at the first failure, and tells the command that repeats it.`;

/** Says what is wrong with the arguments, and ends. */
const refuse = (message) => {
  console.error(`fuzz: ${message}\n\n${usage}`);
  process.exit(2);
};

const wholeNumber = (name, text, least, most) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    refuse(`--${name} has to be a whole number from ${least} to ${most}, and is "${text}"`);
  return value;
};

const parse = () => {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    return parseArgs({ options: { runs: text, seed: text, only: text, help: flag } }).values;
  } catch (error) {
    return refuse(error.message);
  }
};

const { help, only, ...numbers } = parse();
if (help) {
  console.log(usage);
  process.exit(0);
}
if (only !== undefined && !Object.hasOwn(files, only))
  refuse(`--only has to be one of ${Object.keys(files).join(', ')}, and is "${only}"`);

const runs = wholeNumber('runs', numbers.runs ?? '10000', 1, 1_000_000_000);
const firstSeed =
  numbers.seed === undefined ? randomInt(maxSeed) : wholeNumber('seed', numbers.seed, 0, maxSeed);
const chosen = only === undefined ? Object.values(files) : [files[only]];

let child;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    child?.kill(signal);
    process.exit(130);
  });
}

/** Runs one chunk, and resolves with whether it has passed and what was printed. */
const runChunk = (seed, count) =>
  new Promise((resolve, reject) => {
    const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')));
    const env = {
      ...process.env,
      NO_COLOR: '1',
      DEFERQUEUE_FUZZ_RUNS: `${count}`,
      DEFERQUEUE_FUZZ_SEED: `${seed}`,
    };
    const args = [vitest, 'run', '--reporter=default', `--maxWorkers=${chosen.length}`, ...chosen];
    child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => resolve({ hasPassed: code === 0, output }));
  });

const started = Date.now();

const timeLeft = (done) => {
  const seconds = Math.round((((Date.now() - started) / done) * (runs - done)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** A bar where somebody watches, a line for each chunk where nobody does. */
const createProgress = () => {
  if (!process.stdout.isTTY)
    return {
      update: (done) => console.log(`${done} of ${runs} programs, ${timeLeft(done)} left`),
      stop: () => undefined,
    };
  const format = '{bar} {value} of {total} programs, {left} left';
  const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  bar.start(runs, 0, { left: '?' });
  return { update: (done) => bar.update(done, { left: timeLeft(done) }), stop: () => bar.stop() };
};

console.log(`seed ${firstSeed}`);
const progress = createProgress();
let undecided = 0;
let done = 0;

for (let chunk = 0; done < runs; chunk++) {
  const seed = (firstSeed + chunk) % (maxSeed + 1);
  const count = Math.min(chunkSize, runs - done);
  const { hasPassed, output } = await runChunk(seed, count);
  if (!hasPassed) {
    progress.stop();
    console.log(output);
    console.error(
      `Failed. Repeat with: node scripts/fuzz.mjs --runs ${count} --seed ${seed}${only ? ` --only ${only}` : ''}`,
    );
    process.exit(1);
  }
  undecided += Number(/(\d+) of \d+ programs are not decided/.exec(output)?.[1] ?? 0);
  done += count;
  progress.update(done);
}

progress.stop();
const seconds = Math.round((Date.now() - started) / 1000);
console.log(
  `passed: ${runs} programs for each property in ${seconds} s, ${undecided} not decided by the contract`,
);
