import { builtinModules } from 'node:module';
import * as esbuild from 'esbuild';
import { manifest, subpaths } from './manifest.mjs';
import { node } from './run.mjs';

/** All of Node.js that the main entry reaches, p-queue's modules included: nothing that can read, write, listen or spawn. */
const BUILT_IN = ['async_hooks'];

/** Turns of the event loop after which whatever loading the module itself took is over. */
const TURNS = 1000;

/** What still holds the process open after a program that does nothing but import something. */
const resourcesAfter = async (project, statement) => {
  const text = `
    ${statement}
    let open = process.getActiveResourcesInfo();
    for (let turn = 0; open.length > 0 && turn < ${TURNS}; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      open = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');
    }
    console.log(open.toSorted().join(' '));`;
  const { stdout, stderr } = await node(['--input-type=module', '--eval', text], project);
  if (stderr !== '') throw new Error(`it printed: ${stderr}`);
  return stdout.trim();
};

/** A process that only imports a subpath has no more open than an empty one, and ends by itself. */
export const checkLeavesNothingOpen = async (project) => {
  const usual = await resourcesAfter(project, '');
  for (const { specifier } of subpaths) {
    const found = await resourcesAfter(project, `import '${specifier}';`);
    if (found !== usual) throw new Error(`${specifier} leaves open: ${found}\nan empty program: ${usual}`);
  }
};

/** The built-in modules that the main entry imports, itself or by what it imports. */
export const checkBuiltIns = async (project) => {
  const { metafile } = await esbuild.build({
    absWorkingDir: project,
    stdin: { contents: `export * from '${manifest.name}';`, resolveDir: project },
    outdir: 'reached',
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  });
  const reached = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path.replace(/^node:/, '')),
  );
  const odd = [...new Set(reached)].filter((path) => !BUILT_IN.includes(path));
  const told = odd.map((path) => (builtinModules.includes(path) ? `node:${path}` : path));
  if (odd.length > 0) throw new Error(`it reaches ${told.join(', ')}`);
  return { measured: BUILT_IN.map((path) => `node:${path}`).join(', ') };
};
