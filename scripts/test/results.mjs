// What became of tests and checks, one JSON file for each run of some, in the form that Vitest writes. Each level of testing has a folder.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const resultsOf = (level) => join(root, 'build/test-results', level);

/** Why tests are skipped, by the path of their file. */
const REASONS = [
  ['test/timeline/page/', 'of the timeline page', 'no Chromium'],
  [
    'test/examples/checkpoint-restart',
    'of permissions',
    'root runs them, and other users cannot enter this folder',
  ],
  ['test/process/', 'of whole processes', 'for a newer Node.js'],
];

/** Writes results that do not come from Vitest: how many passed, and a text for each failure. */
export const keepResults = (level, name, passed, failures) => {
  const assertionResults = [
    ...Array.from({ length: passed }, () => ({ status: 'passed' })),
    ...failures.map((fullName) => ({ status: 'failed', fullName })),
  ];
  const success = failures.length === 0;
  const file = { name, status: success ? 'passed' : 'failed', assertionResults };
  mkdirSync(resultsOf(level), { recursive: true });
  writeFileSync(join(resultsOf(level), `${name}.json`), JSON.stringify({ success, testResults: [file] }));
};

/**
 * `skipped` has the file of each test that was skipped, `failures` the texts of the tests that failed, by their file.
 * @returns {{ name: string, passed: number, failed: number, skipped: string[], failures: { where: string, texts: string[][] }[] }}
 */
const read = (folder, path) => {
  const found = { name: path.replace(/\.json$/, ''), passed: 0, failed: 0, skipped: [], failures: [] };
  const fail = (where, tests = [[]]) => {
    found.failed += tests.length;
    found.failures.push({ where, texts: tests.filter((texts) => texts.length > 0) });
  };
  try {
    const { success, testResults } = JSON.parse(readFileSync(join(folder, path), 'utf8'));
    for (const { name, status, message, assertionResults } of testResults) {
      const where = name.replace(root, '');
      const failed = assertionResults.filter((test) => test.status === 'failed');
      const passed = assertionResults.filter((test) => test.status === 'passed');
      const others = assertionResults.length - failed.length - passed.length;
      found.passed += passed.length;
      found.skipped.push(...Array.from({ length: others }, () => where));
      const texts = failed.map(({ fullName, failureMessages = [] }) => [fullName, ...failureMessages]);
      // A file that could not even be read has no tests that failed.
      if (texts.length > 0) fail(where, texts);
      else if (status === 'failed') fail(where, [[message]]);
    }
    if (success === false && found.failed === 0) fail('something failed outside of the tests: see above');
  } catch (error) {
    fail(`${path} cannot be read: ${error.message}`);
  }
  return found;
};

/** All results below a folder. */
export const readResults = (folder) => {
  let paths = [];
  try {
    paths = readdirSync(folder, { recursive: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return paths
    .filter((path) => path.endsWith('.json'))
    .toSorted((one, other) => (one < other ? -1 : 1))
    .map((path) => read(folder, path));
};

const number = (count) => count.toLocaleString('en-US');
const counted = (count, what) => `${number(count)} ${what}${count === 1 ? '' : 's'}`;

const skips = (results) => {
  const groups = new Map();
  for (const file of results.flatMap(({ skipped }) => skipped)) {
    const [, what, why] = REASONS.find(([start]) => file.startsWith(start)) ?? [
      file,
      `of ${file}`,
      'see there',
    ];
    const title = `${what} (${why})`;
    groups.set(title, (groups.get(title) ?? 0) + 1);
  }
  return [...groups].map(([title, count]) => `${counted(count, 'test')} ${title}`);
};

export const duration = (milliseconds) => {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** One line that says how it went. `checks` has for each check whether it passed, by its title. */
export const verdict = (results, checks, milliseconds) => {
  const sum = (key) => results.reduce((total, one) => total + one[key], 0);
  const titles = Object.keys(checks);
  const failed = titles.filter((title) => !checks[title]);
  for (const one of results.filter((each) => each.failed > 0)) {
    failed.push(`${counted(one.failed, 'test')} (${one.failures.map(({ where }) => where).join(', ')})`);
  }
  const tests = counted(sum('passed'), 'test');
  const passed = `${tests} and ${counted(titles.filter((title) => checks[title]).length, 'check')} passed`;
  const skipped = skips(results);
  const rest = `${passed} in ${duration(milliseconds)}${skipped.length > 0 ? `; skipped: ${skipped.join(', ')}` : ''}`;
  return failed.length === 0 ? `✓ ${rest}` : `✗ failed: ${failed.join(', ')}; ${rest}`;
};
