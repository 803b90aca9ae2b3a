import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { same } from './checklist.mjs';
import { MADE_FOR_PEER, manifest, subpaths } from './manifest.mjs';
import { node, npm, root } from './run.mjs';

const consumerSources = join(root, 'scripts/package/consumer');

/** What the programs of the consumer print. */
const GREETING = 'deferred at the boundary\n';

/** A module that imports each subpath of the package: what compiles it reads all of its types. */
const everySubpath = () => {
  const imports = subpaths.map(({ specifier }, index) => `import * as module${index} from '${specifier}';`);
  const names = subpaths.map((_, index) => `module${index}`);
  return `${imports.join('\n')}\n\nexport const modules: readonly object[] = [${names.join(', ')}];\n`;
};

/** Installs the tarball where nothing else is. Its dependencies come from node_modules, so that no registry is asked. */
export const install = async (tarball, folders, project) => {
  await mkdir(project);
  await cp(consumerSources, project, { recursive: true });
  await writeFile(join(project, 'every-subpath.ts'), everySubpath());
  const fromHere = Object.entries(folders).map(([name, path]) => [name, `file:${path}`]);
  const dependencies = { ...Object.fromEntries(fromHere), [manifest.name]: `file:${tarball}` };
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await npm(['install', '--offline', '--install-links', ...quiet], project);
  const found = await readdir(join(project, 'node_modules'));
  const installed = found.filter((name) => !name.startsWith('.'));
  same('installed packages', installed, [...Object.keys(folders), manifest.name]);
  // The types of Node.js are the project's own affair: they are no dependency of the package.
  await link(project, '@types/node');
};

/** Puts a package of this repository into the project. */
const link = async (project, name) => {
  const path = join(project, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(join(root, 'node_modules', name), path, 'junction');
};

/** Installs the peers without which some subpaths cannot be loaded. */
export const installPeers = async (project) => {
  const names = [...new Set(Object.values(MADE_FOR_PEER))];
  for (const name of names) await link(project, name);
  return { measured: names.join(', ') };
};

export const runProgram = async (project, program) => {
  const { stdout, stderr } = await node([program], project);
  if (stdout !== GREETING || stderr !== '') throw new Error(`it printed: ${stdout}${stderr}`);
};

/** A process of its own that loads a subpath and prints how many exports that has. */
const load = (project, specifier, how) => {
  const text =
    how === 'import'
      ? `import * as it from '${specifier}'; console.log(Object.keys(it).length);`
      : `console.log(Object.keys(require('${specifier}')).length);`;
  const type = how === 'import' ? 'module' : 'commonjs';
  return node([`--input-type=${type}`, '--eval', text], project);
};

const loadAll = async (project, wanted, how) => {
  for (const { specifier } of wanted) {
    const { stdout, stderr } = await load(project, specifier, how);
    if (!(Number(stdout) > 0) || stderr !== '') throw new Error(`${specifier}: ${stdout}${stderr}`);
  }
  return { measured: wanted.map(({ subpath }) => subpath).join(', ') };
};

/** Each subpath in a process of its own. */
export const loadEverySubpath = (project, how) => loadAll(project, subpaths, how);

/** Where no peer is installed, all subpaths but those that are made for one are loaded, and these name it. */
export const loadWithoutPeers = async (project) => {
  for (const { subpath, specifier } of subpaths) {
    const peer = MADE_FOR_PEER[subpath];
    if (peer === undefined) continue;
    const told = await load(project, specifier, 'import').then(
      () => 'it was loaded',
      (error) => error.message,
    );
    if (!told.includes(`Cannot find package '${peer}'`)) throw new Error(`${specifier}: ${told}`);
  }
  const others = subpaths.filter(({ subpath }) => MADE_FOR_PEER[subpath] === undefined);
  return loadAll(project, others, 'import');
};
