// Tells what became of the tests in its last lines, from the files that are written in CI: by Vitest (see vitest.config.ts) and by
// test/runtimes. Exits with 1 unless all that there is has passed.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);

/** The lines of a failure that are told: the rest stands further up. */
const LINES = 5;

const short = (text) => {
  const lines = text.trim().split('\n');
  return [...lines.slice(0, LINES), ...(lines.length > LINES ? ['…'] : [])].join('\n    ');
};

const list = () => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted();
  } catch {
    return [];
  }
};

const read = (name) => {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch (error) {
    console.log(`✗ ${name} cannot be read: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
};

/** Tells what has failed, and returns how many there are of each kind. */
const tell = (file) => {
  const name = file.slice(0, -'.json'.length);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults, success } = read(file);
  let broken = 0;
  for (const { name: where, status, message, assertionResults } of testResults) {
    if (status !== 'failed') continue;
    console.log(`✗ ${name}: ${where}`);
    if (message) console.log(`  ${short(message)}`);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    // A file that could not even be read has no tests that failed.
    if (failed.length === 0) broken++;
    for (const { fullName, failureMessages = [] } of failed) {
      console.log(`  ${[fullName, ...failureMessages].map(short).join('\n    ')}`);
    }
  }
  let failed = numFailedTests + broken;
  if (success === false && failed === 0) {
    console.log('✗ something failed outside of the tests: see above');
    failed = 1;
  }
  return {
    name,
    passed: numPassedTests,
    failed,
    skipped: numPendingTests + numTodoTests,
  };
};

const line = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const files = list();
if (!files.includes('tests.json')) console.log('The tests did not run to their end');
const all = files.map(tell);
for (const one of all) console.log(`${one.name}: ${line(one)}`);

const sum = (key) => all.reduce((total, one) => total + one[key], 0);
const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
console.log(line(total));
process.exitCode = files.includes('tests.json') && total.failed === 0 && total.passed > 0 ? 0 : 1;
