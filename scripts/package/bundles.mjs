import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build } from 'vite';
import { runProgram } from './project.mjs';

/** esbuild of a file of the project that runs on Node.js: everything in one file, with nothing left to install. */
export const bundleWithEsbuild = async (project, program, format) => {
  const outfile = join(project, `bundles/esbuild.${format === 'esm' ? 'mjs' : 'cjs'}`);
  await esbuild.build({
    absWorkingDir: project,
    entryPoints: [program],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20.19',
    format,
    logLevel: 'silent',
  });
  await runProgram(project, outfile);
};

/** As a worker is bundled: no platform but what the web has and `node:async_hooks`. */
export const bundleForWorkers = async (project, program) => {
  const outfile = join(project, 'bundles/worker.mjs');
  await esbuild.build({
    absWorkingDir: project,
    entryPoints: [program],
    outfile,
    bundle: true,
    minify: true,
    platform: 'browser',
    conditions: ['workerd', 'worker'],
    external: ['node:async_hooks'],
    target: 'es2022',
    format: 'esm',
    logLevel: 'silent',
  });
  await runProgram(project, outfile);
};

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
