import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { same } from './checklist.mjs';
import { manifest } from './manifest.mjs';
import { npm, root } from './run.mjs';

export const DEPENDENCIES = ['p-queue'];

/** The folders of everything that comes along with the package's own dependencies, by name. */
const dependencyFolders = async () => {
  const omit = ['--omit=dev', '--omit=peer', '--omit=optional'];
  const { stdout } = await npm(['ls', ...omit, '--all', '--parseable'], root);
  const folders = stdout.trim().split('\n').slice(1);
  const names = folders.map((path) => relative(join(root, 'node_modules'), path).replaceAll('\\', '/'));
  return Object.fromEntries(names.map((name, index) => [name, folders[index]]));
};

/** p-queue and what it brings; whatever an integration needs is a peer that nobody has to install. */
export const checkDependencies = async () => {
  same('dependencies', Object.keys(manifest.dependencies ?? {}), DEPENDENCIES);
  for (const kind of ['optionalDependencies', 'bundleDependencies', 'bundledDependencies']) {
    same(kind, Object.keys(manifest[kind] ?? {}), []);
  }
  const meta = Object.entries(manifest.peerDependenciesMeta ?? {});
  const optional = meta.filter(([, { optional: is }]) => is === true).map(([name]) => name);
  same('optional peers', optional, Object.keys(manifest.peerDependencies ?? {}));
  const dependency = JSON.parse(await readFile(join(root, 'node_modules/p-queue/package.json'), 'utf8'));
  const folders = await dependencyFolders();
  same('installed dependencies', Object.keys(folders), [
    ...DEPENDENCIES,
    ...Object.keys(dependency.dependencies),
  ]);
  return folders;
};
