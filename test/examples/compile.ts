import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { root } from '../package/built.js';

/** Addresses relative to a module: another module is compiled as well, a folder stays where the source has it. */
const addresses: Plugin = {
  name: 'addresses',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll(/new URL\('(.+?)', import\.meta\.url\)/g, (url, to: string) =>
        to.endsWith('.ts')
          ? url.replace(to, to.replace(/\.ts$/, '.js'))
          : `new URL('${new URL(to, pathToFileURL(path)).href}')`,
      );
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * Compiles the programs of the tests into build/programs, once for all tests. Node.js then starts each of them in a tenth of a
 * second, where tsx takes a second.
 */
export const setup = async (): Promise<void> => {
  const outdir = `${root}build/programs`;
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['examples/**/*.ts', 'test/**/*-program.ts'],
    outbase: root,
    outdir,
    format: 'esm',
    platform: 'node',
    plugins: [addresses],
    logLevel: 'warning',
  });
};
