// Checks the package as it would be published: npm packs it, and a clean project installs, compiles, bundles and runs it.
// One line for each check; exits with 1 if any of them fails. Needs `npm run build` first. The first run installs other versions
// of TypeScript (see compilers/).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleForWorkers, bundleWithEsbuild, bundleWithVite } from './bundles.mjs';
import { anyFailed, check } from './checklist.mjs';
import { compileForBundlers, compileForNode, compilers, compileTypeTests } from './compilers.mjs';
import { checkDependencies, DEPENDENCIES } from './dependencies.mjs';
import { checkLeavesNothingOpen } from './import-effects.mjs';
import { checkLoaded } from './loaded.mjs';
import { install, installPeers, loadEverySubpath, loadWithoutPeers, runProgram } from './project.mjs';
import { checkBuild, checkFiles, checkPublint, checkTypesResolve, pack } from './tarball.mjs';

/** Versions do not wait for each other. */
const checkTypes = (project) =>
  Promise.all(
    compilers().map(async (compiler) => {
      const title = `TypeScript ${compiler.version}`;
      await check(`${title} compiles under nodenext, strict, skipLibCheck off`, () =>
        compileForNode(compiler, project),
      );
      await check(`${title} compiles under bundler without the types of Node.js`, () =>
        compileForBundlers(compiler, project),
      );
      await check(`${title} compiles the tests of types`, () => compileTypeTests(compiler));
    }),
  );

const checkPrograms = async (project) => {
  const [program, required] = ['out/with-import.js', 'out/with-require.cjs'];
  await check('runs with import', () => runProgram(project, program));
  await check('every subpath is imported', () => loadEverySubpath(project, 'import'));
  if (process.features.require_module) {
    await check('runs with require', () => runProgram(project, required));
    await check('every subpath is required', () => loadEverySubpath(project, 'require'));
  }
  await check('bundled by esbuild, as a module, it runs', () => bundleWithEsbuild(project, program, 'esm'));
  await check('bundled by esbuild, as CommonJS, it runs', () => bundleWithEsbuild(project, required, 'cjs'));
  await check('bundled by esbuild for workers, with nothing but node:async_hooks, it runs', () =>
    bundleForWorkers(project, program),
  );
  await check('bundled by Rolldown (Vite) it runs', () => bundleWithVite(project, program));
};

const checkInstalled = async (project) => {
  await check('with no peer installed, what is made for none is imported', () => loadWithoutPeers(project));
  await check('peers that a subpath is made for are installed', () => installPeers(project));
  await check('an import leaves nothing open, and the process ends by itself', () =>
    checkLeavesNothingOpen(project),
  );
  await checkTypes(project);
  await checkPrograms(project);
};

const folder = await mkdtemp(join(tmpdir(), 'deferqueue-package-'));
try {
  const project = join(folder, 'project');
  const isBuilt = await check('dist is what src was built to', checkBuild);
  const packed = isBuilt && (await check('npm packs it', () => pack(folder)));
  const folders = await check(
    `the only dependency is ${DEPENDENCIES.join(', ')}, and every peer is optional`,
    checkDependencies,
  );
  if (packed && folders) {
    const { tarball, files } = packed;
    await check('the tarball has what src is built to, the three pages and package.json', () =>
      checkFiles(files),
    );
    await check('files that each subpath loads', checkLoaded);
    await check('publint, strict', () => checkPublint(tarball));
    // This one takes seconds, and nothing waits for it.
    const resolving = check('are the types wrong, ESM only', () => checkTypesResolve(tarball));
    const installed = await check('installs in a clean project, with no package but its own', () =>
      install(tarball, folders, project),
    );
    if (installed) await checkInstalled(project);
    await resolving;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = anyFailed() ? 1 : 0;
