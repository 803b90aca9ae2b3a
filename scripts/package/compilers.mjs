import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPrivateTools } from '../private-tools.mjs';
import { node, root } from './run.mjs';

const own = join(root, 'scripts/package/compilers');

const theProjects = join(root, 'node_modules/typescript');

/** The versions of TypeScript that users have. */
const FOLDERS = [
  join(own, 'node_modules/typescript-5.9'),
  join(own, 'node_modules/typescript-6'),
  theProjects,
];

/** Each with its version, after the first use has installed those that are not the project's. */
export const compilers = () => {
  installPrivateTools(own);
  return FOLDERS.map((folder) => {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { version, bin: join(folder, 'bin/tsc'), writes: folder === theProjects };
  });
};

/** Compiles as a program of Node.js does, with the types of Node.js; the project's own compiler writes what is then run. */
export const compileForNode = async ({ bin, writes }, project) => {
  await node([bin, '-p', 'tsconfig.nodenext.json', ...(writes ? [] : ['--noEmit'])], project);
};

/** Compiles the tests of types, which import what is built. */
export const compileTypeTests = ({ bin }) => node([bin, '-p', own], root);

/** Compiles as for a bundler, where nothing is known of Node.js. */
export const compileForBundlers = async ({ bin }, project) => {
  await node([bin, '-p', 'tsconfig.bundler.json'], project);
};
