import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build } from 'vite';
import { runProgram } from './project.mjs';

/** esbuild of a file of the project: everything in one file, with nothing left to install. */
const bundle = async (project, program, name, options) => {
  const outfile = join(project, 'bundles', name);
  await esbuild.build({
    absWorkingDir: project,
    entryPoints: [program],
    outfile,
    bundle: true,
    minify: true,
    logLevel: 'silent',
    ...options,
  });
  await runProgram(project, outfile);
};

export const bundleWithEsbuild = (project, program, format) =>
  bundle(project, program, `esbuild.${format === 'esm' ? 'mjs' : 'cjs'}`, {
    platform: 'node',
    target: 'node20.19',
    format,
  });

/** As a worker is bundled: no platform but what the web has and `node:async_hooks`. */
export const bundleForWorkers = (project, program) =>
  bundle(project, program, 'worker.mjs', {
    platform: 'browser',
    conditions: ['workerd', 'worker'],
    external: ['node:async_hooks'],
    target: 'es2022',
    format: 'esm',
  });

/** Rolldown, by way of Vite. */
export const bundleWithVite = async (project, program) => {
  await build({
    root: project,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: program,
      outDir: 'bundles',
      emptyOutDir: false,
      minify: true,
      target: 'node20.19',
      rolldownOptions: { output: { entryFileNames: 'vite.mjs' } },
    },
  });
  await runProgram(project, join(project, 'bundles/vite.mjs'));
};
