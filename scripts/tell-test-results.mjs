// Tells in its last line what became of the tests, from the file that Vitest writes in CI (see vitest.config.ts).
// Exits with 1 unless every test that there is has passed.
import { readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);

const read = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.log('The tests did not run to their end');
    return {
      numPassedTests: 0,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [],
      success: false,
    };
  }
};

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults, success } = read();

for (const { name, status, message, assertionResults } of testResults) {
  if (status !== 'failed') continue;
  console.log(`✗ ${name}`);
  if (message) console.log(`  ${message}`);
  for (const test of assertionResults) if (test.status === 'failed') console.log(`  ${test.fullName}`);
}

// A file that could not even be read has no tests that failed.
const broken = testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
);
const failed = numFailedTests + broken.length;
const skipped = numPendingTests + numTodoTests;

console.log(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = success && failed === 0 && numPassedTests > 0 ? 0 : 1;
