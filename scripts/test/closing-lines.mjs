// The last lines of .ci/run: what failed at both levels of testing, and one line of sums. Exits with 1 unless everything has passed.
import { readResults } from './results.mjs';

const [folder] = process.argv.slice(2);

/** The lines of a failure that are repeated: the rest stands further up. */
const LINES = 5;

const short = (text) => {
  const lines = text.trim().split('\n');
  return [...lines.slice(0, LINES), ...(lines.length > LINES ? ['…'] : [])].join('\n    ');
};

const line = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;

const results = readResults(folder);
const hasEnded = results.some(({ name }) => name === 'test/tests');
if (!hasEnded) console.log('The tests did not run to their end');
for (const { name, failures } of results) {
  for (const { where, texts } of failures) {
    console.log(`✗ ${name}: ${where}`);
    for (const text of texts) console.log(`  ${text.map(short).join('\n    ')}`);
  }
}
for (const one of results) console.log(`${one.name}: ${line(one)}`);

const sum = (key) => results.reduce((total, one) => total + one[key], 0);
const skipped = results.flatMap((one) => one.skipped);
const total = { passed: sum('passed'), failed: sum('failed'), skipped };
console.log(line(total));
process.exitCode = hasEnded && total.failed === 0 && total.passed > 0 ? 0 : 1;
