// Mutation check: `npm run test:mutation`, or `npm run test:mutation -- --mutate src/core/promotion.ts` for one file.
// See docs/internals/testing.md. All that it writes is under build/.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
const config = {
  mutate: ['src/core/**/*.ts', 'src/concurrency/**/*.ts', 'src/observability/channels.ts'],

  testRunner: 'vitest',
  vitest: { configFile: 'scripts/mutation-vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  // The runner keeps the tests in threads, which share the flags of their process.
  testRunnerNodeArgs: ['--expose-gc'],
  checkers: ['compiler'],
  concurrency: 2,

  // Code that never stops is stopped soon.
  timeoutMS: 3000,
  timeoutFactor: 1.5,

  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation-plugins.mjs'],
  ignorers: ['wording'],
  reporters: ['progress', 'json', 'clear-text', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'build/mutation/report.html' },
  jsonReporter: { fileName: 'build/mutation/report.json' },
  incrementalFile: 'build/mutation/incremental.json',
  tempDirName: 'build/mutation/sandbox',
  cleanTempDir: 'always',

  // Only what the tests need is copied. A copy of the tsconfig would be rewritten, by an interface that TypeScript 7 lacks.
  ignorePatterns: [
    '**',
    '!src/**',
    '!test/{core,diagnostics,model,property,support}/**',
    '!scripts/mutation-*',
    '!scripts/inlined.mjs',
    '!package.json',
    '!vitest.config.ts',
  ],
  disableTypeChecks: false,
};

// oxlint-disable-next-line import/no-default-export -- where Stryker looks for it
export default config;
