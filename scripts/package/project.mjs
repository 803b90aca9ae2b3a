import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { same } from './checklist.mjs';
import { manifest, subpaths } from './manifest.mjs';
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
  await mkdir(join(project, 'node_modules/@types'));
  await symlink(
    join(root, 'node_modules/@types/node'),
    join(project, 'node_modules/@types/node'),
    'junction',
  );
};

export const runProgram = async (project, program) => {
  const { stdout, stderr } = await node([program], project);
  if (stdout !== GREETING || stderr !== '') throw new Error(`it printed: ${stdout}${stderr}`);
};

/** Each subpath in a process of its own, where no peer is installed. */
export const loadEverySubpath = async (project, how) => {
  for (const { specifier } of subpaths) {
    const text =
      how === 'import'
        ? `import * as it from '${specifier}'; console.log(Object.keys(it).length);`
        : `console.log(Object.keys(require('${specifier}')).length);`;
    const type = how === 'import' ? 'module' : 'commonjs';
    const { stdout, stderr } = await node([`--input-type=${type}`, '--eval', text], project);
    if (!(Number(stdout) > 0) || stderr !== '') throw new Error(`${specifier}: ${stdout}${stderr}`);
  }
  return { measured: subpaths.map(({ subpath }) => subpath).join(', ') };
};
