import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { DEPENDENCIES } from './dependencies.mjs';
import { manifest, STANDALONE, subpaths } from './manifest.mjs';

const RUNTIME = `node_modules/${manifest.name}/dist/runtime.js`;

/** No standalone subpath loads the runtime. Returns how large each is, bundled, minified and gzipped. */
export const checkStandalone = async (project) => {
  const sizes = [];
  for (const { subpath, specifier } of subpaths.filter((one) => STANDALONE.includes(one.subpath))) {
    const { metafile, outputFiles } = await esbuild.build({
      absWorkingDir: project,
      stdin: { contents: `export * from '${specifier}';`, resolveDir: project },
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
    const [output] = Object.values(metafile.outputs);
    if (output.inputs[RUNTIME]?.bytesInOutput > 0) throw new Error(`${subpath} brings the runtime along`);
    const { byteLength } = gzipSync(outputFiles[0].contents, { level: 9 });
    sizes.push(`${subpath} ${(byteLength / 1000).toFixed(2)} kB`);
  }
  return { measured: sizes.join(', ') };
};
