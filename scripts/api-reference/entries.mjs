import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The source of each subpath of the package: what users can import is what has to be documented. */
export const entryPoints = Object.values(exports)
  .filter((target) => target.types !== undefined)
  .map(({ types }) => root + types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts'));
