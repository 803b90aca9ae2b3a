import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The files below a folder, as paths from the repository's root, with `/` between folders. */
export const filesIn = (folder: string): string[] =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => statSync(root + path).isFile())
    .toSorted();

/** Throws where dist is not what the sources make: a test of the package would judge an older one. */
export const requireBuild = (): void => {
  const entry = `${root}dist/index.js`;
  const hint = 'Run `npm run build` first: these tests look at what is built';
  if (!existsSync(entry)) throw new Error(`There is no dist/index.js. ${hint}`);
  const builtAt = statSync(entry).mtimeMs;
  const newer = filesIn('src').filter((file) => statSync(root + file).mtimeMs > builtAt);
  if (newer.length > 0) throw new Error(`dist is older than ${newer.join(', ')}. ${hint}`);
};
