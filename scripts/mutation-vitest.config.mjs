// What Vitest runs for each mutant: the tests of the core, and few of the random programs.
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import base from '../vitest.config.ts';

/** The first test that fails ends the run of a mutant: the random programs find most of them, and some files are slow. */
const ORDER = ['random-programs.test', 'test/', 'release.test', 'coalescing.test', 'interleavings.test'];
const place = ({ moduleId }) => ORDER.findLastIndex((part) => moduleId.includes(part));

class KillersFirst extends BaseSequencer {
  async sort(files) {
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

const { projects: _projects, ...test } = base.test ?? {};

// oxlint-disable-next-line import/no-default-export -- where Vitest looks for it
export default defineConfig({
  ...base,
  // Not into node_modules, which is not a copy.
  cacheDir: '.cache',
  test: {
    ...test,
    include: ['test/core/**/*.test.ts', 'test/diagnostics/**/*.test.ts', 'test/property/**/*.test.ts'],
    // They load the modules anew, which all files share here, and start threads of their own.
    exclude: ['while-modules-load', 'lost-context'].map((name) => `test/core/${name}.test.ts`),
    setupFiles: ['scripts/mutation-setup.mjs', test.setupFiles ?? []].flat(),
    sequence: { sequencer: KillersFirst },
    env: { DEFERQUEUE_FUZZ_RUNS: process.env['DEFERQUEUE_FUZZ_RUNS'] ?? '150' },
    // Most of the time of a mutant is that of starting threads: all files share one.
    isolate: false,
    // Threads take no flags of their own.
    execArgv: [],
    // A mutant that leaves a promise pending costs this long; the slowest test takes two seconds on an idle machine.
    testTimeout: 15_000,
    reporters: [],
  },
});
