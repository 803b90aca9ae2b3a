import { defineConfig } from 'vitest/config';

// With a file of its own here, Vitest does not take the one of the repository.
export default defineConfig({});
