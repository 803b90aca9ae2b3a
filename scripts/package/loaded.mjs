import * as esbuild from 'esbuild';
import { STANDALONE, subpaths } from './manifest.mjs';
import { root } from './run.mjs';

/** Importing costs as much as there are files: the main entry is one, and what it shares with others is one. */
const LIMITS = { '.': 2, ...Object.fromEntries(STANDALONE.map((subpath) => [subpath, 1])) };

/** The files of the package that an import of one of its modules loads, that one among them. */
export const filesLoadedBy = async (module) => {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [module],
    outdir: 'loaded',
    write: false,
    bundle: true,
    packages: 'external',
    // An import that needs nothing of a file loads it all the same.
    ignoreAnnotations: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
};

/** No more than the limit, where there is one, and then none that belongs to another subpath. */
export const checkLoaded = async () => {
  const counts = [];
  const wrong = [];
  for (const { subpath, module } of subpaths) {
    const files = await filesLoadedBy(module);
    const limit = LIMITS[subpath];
    const others = subpaths.filter((one) => one.module !== module && files.includes(one.module));
    if (files.length > limit) wrong.push(`${subpath} loads ${files.join(', ')}; there may be ${limit}`);
    if (limit !== undefined && others.length > 0) {
      wrong.push(`${subpath} brings ${others.map((one) => one.subpath).join(', ')} along`);
    }
    counts.push(`${subpath} ${files.length}`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return { measured: counts.join(', ') };
};
