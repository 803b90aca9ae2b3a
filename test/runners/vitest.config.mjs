import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const dist = (path) => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));

/** The pool is given on the command line. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^deferqueue$/, replacement: dist('index.js') },
      { find: /^deferqueue\/testing$/, replacement: dist('testing/index.js') },
    ],
  },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['cases/realm.mjs', 'cases/*.vitest.mjs'],
    globals: true,
    maxWorkers: 1,
  },
});
