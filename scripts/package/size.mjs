import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { DEPENDENCIES } from './dependencies.mjs';
import { manifest, STANDALONE, subpaths } from './manifest.mjs';
import { root } from './run.mjs';

/**
 * How many bytes the main entry may have: bundled and minified by esbuild, gzipped, without p-queue. It stands just above
 * what there is, so that whoever makes it larger has to say so here.
 */
const BUDGET = 20_000;

const RUNTIME = `node_modules/${manifest.name}/dist/runtime.js`;

/** What users of a module load, as a folder finds it: its size, which modules it is made of, and how much each of them adds before gzip. */
export const measure = async (folder, specifier) => {
  const { metafile, outputFiles } = await esbuild.build({
    absWorkingDir: folder,
    stdin: { contents: `export * from '${specifier}';`, resolveDir: folder },
    outdir: 'measured',
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'es2022',
    format: 'esm',
    legalComments: 'none',
    external: DEPENDENCIES,
    metafile: true,
    logLevel: 'silent',
  });
  const [{ contents }] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  const modules = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput]);
  return {
    minified: contents.byteLength,
    gzipped: gzipSync(contents, { level: 9 }).byteLength,
    modules: modules.filter(([, bytes]) => bytes > 0),
  };
};

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(2)} kB`;

export const checkSize = async (project) => {
  const { minified, gzipped } = await measure(project, manifest.name);
  const told = `${kilobytes(gzipped)} of ${kilobytes(BUDGET)} (minified ${kilobytes(minified)})`;
  if (gzipped <= BUDGET) return { measured: told };
  // What is built is one file: the sources of it tell more.
  const { modules } = await measure(root, './src/index.ts');
  const largest = modules
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, 10)
    .map(([path, bytes]) => `${path} ${bytes}`);
  throw new Error(`${told}. The largest, minified:\n${largest.join('\n')}`);
};

export const standaloneSubpaths = subpaths.filter(({ subpath }) => STANDALONE.includes(subpath));

export const checkStandalone = async (project) => {
  const sizes = [];
  for (const { subpath, specifier } of standaloneSubpaths) {
    const { gzipped, modules } = await measure(project, specifier);
    if (modules.some(([path]) => path === RUNTIME)) throw new Error(`${subpath} brings the runtime along`);
    sizes.push(`${subpath} ${kilobytes(gzipped)}`);
  }
  return { measured: sizes.join(', ') };
};
