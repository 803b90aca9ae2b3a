// What a run leaves behind: everything that the page is made of, as plain data.
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { root } from './build.mjs';
import { entryOf } from './startup.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** No name of the machine: what it is, and not whose. */
export const describeMachine = () => ({
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  memory: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
});

/** Which deferqueue was measured. */
export const describeLibrary = () => {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const { version } = readJson(`${root}package.json`);
  try {
    const isChanged = git('status', '--porcelain', '--', 'src') !== '';
    return { version, revision: git('rev-parse', '--short', 'HEAD'), isChanged };
  } catch {
    return { version };
  }
};

export const versionOf = (peer) => readJson(`${root}bench/node_modules/${peer}/package.json`).version;

/** The files that an import loads: how many, and their bytes as they are and bundled into one, minified and gzipped. */
export const measureBytes = async (name, library) => {
  const { metafile, outputFiles } = await esbuild.build({
    entryPoints: [entryOf(name, library)],
    outdir: 'measured',
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const files = Object.values(metafile.inputs);
  return {
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    gzipped: gzipSync(outputFiles[0].contents, { level: 9 }).byteLength,
  };
};

/** Four digits tell more than the measurement does. */
export const rounded = (rows) =>
  rows.map((row) => ({
    ...row,
    values: Object.fromEntries(
      Object.entries(row.values).map(([metric, values]) => [
        metric,
        values.map((value) => Number(value.toPrecision(4))),
      ]),
    ),
  }));
