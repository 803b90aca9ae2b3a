import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { same } from './checklist.mjs';
import { manifest } from './manifest.mjs';
import { root } from './run.mjs';

export const DEPENDENCIES = ['p-queue'];

/** The folders of a package's dependencies and of theirs, by name. */
const foldersOf = (dependencies = {}) =>
  Object.assign(
    {},
    ...Object.keys(dependencies).map((name) => {
      const folder = join(root, 'node_modules', name);
      const own = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { [name]: folder, ...foldersOf(own.dependencies) };
    }),
  );

/** p-queue and what it brings. What an integration needs is an optional peer. */
export const checkDependencies = () => {
  same('dependencies', Object.keys(manifest.dependencies ?? {}), DEPENDENCIES);
  for (const kind of ['optionalDependencies', 'bundleDependencies', 'bundledDependencies']) {
    same(kind, Object.keys(manifest[kind] ?? {}), []);
  }
  const meta = Object.entries(manifest.peerDependenciesMeta ?? {});
  const optional = meta.filter(([, { optional: is }]) => is === true).map(([name]) => name);
  same('optional peers', optional, Object.keys(manifest.peerDependencies ?? {}));
  return foldersOf(manifest.dependencies);
};
