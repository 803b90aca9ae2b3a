import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url));

// Tests that fail, for the test that looks at what Vitest prints of them.
export default defineConfig({
  resolve: { alias: { 'deferqueue/testing': source('testing/index.ts'), deferqueue: source('index.ts') } },
  test: { include: ['failing.ts'] },
});
