import { existsSync, globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Throws where dist is not what the sources make: a test of the package would judge an older one. */
export const requireBuild = (): void => {
  const entry = `${root}dist/index.js`;
  const hint = 'Run `npm run build` first: these tests look at what is built';
  if (!existsSync(entry)) throw new Error(`There is no dist/index.js. ${hint}`);
  const builtAt = statSync(entry).mtimeMs;
  const newer = globSync('src/**/*.ts', { cwd: root }).filter((file) => statSync(root + file).mtimeMs > builtAt);
  if (newer.length > 0) throw new Error(`dist is older than ${newer.join(', ')}. ${hint}`);
};
