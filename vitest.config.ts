import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { inlined } from './scripts/inlined.mjs';

/** What takes longest comes first, so that no core is left with it alone at the end. A fresh clone has no times to go by. */
const SLOW = ['test/property/', 'test/docs/', 'test/examples/', 'test/bench/'];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's method
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.some((part) => moduleId.includes(part));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  plugins: [inlined()],
  resolve: {
    // The tests read the sources; only test/package and test/docs look at what is built.
    alias: {
      'deferqueue/opentelemetry': fileURLToPath(
        new URL('./src/observability/opentelemetry/index.ts', import.meta.url),
      ),
      deferqueue: fileURLToPath(new URL('./src/index.ts', import.meta.url)),
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'tests', include: ['test/**/*.test.ts'], globalSetup: 'test/examples/compile.ts' },
      },
      {
        extends: true,
        test: {
          name: 'guarantees over cls-hooked',
          include: ['test/core/*.test.ts'],
          // What cls-hooked keeps is its own affair: contexts stay as long as promises do.
          exclude: ['release', 'long-operations'].map((name) => `test/core/${name}.test.ts`),
          setupFiles: ['test/support/over-cls-hooked.ts'],
        },
      },
    ],
    setupFiles: ['standing-clock', 'ledger-adds-up'].map((name) => `test/support/${name}.ts`),
    sequence: { sequencer: SlowFirst },
    pool: 'forks',
    // All cores: by default one of them is left to Vitest itself, which on two is half of the time.
    maxWorkers: '100%',
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    // Only what is really slow is a line of its own.
    slowTestThreshold: 5000,
  },
});
