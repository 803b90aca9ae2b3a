import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { same } from './checklist.mjs';
import { filesLoadedBy } from './loaded.mjs';
import { subpaths } from './manifest.mjs';
import { npm, root, tool } from './run.mjs';

const BESIDE_DIST = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];

const filesIn = async (folder) => {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(join(root, folder).length + 1)
      .replaceAll('\\', '/'),
  );
};

export const checkBuild = async () => {
  const built = await stat(join(root, 'dist/index.js')).catch(() => undefined);
  if (built === undefined) throw new Error('there is no dist/index.js: npm run build');
  const times = await Promise.all(
    (await filesIn('src')).map(async (file) => (await stat(join(root, 'src', file))).mtimeMs),
  );
  if (Math.max(...times) > built.mtimeMs) throw new Error('src is newer than dist: npm run build');
};

export const pack = async (folder) => {
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  const [packed] = JSON.parse(stdout);
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
};

/** Not what is a text in another module: see scripts/inlined.mjs. */
const hasTypes = (file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith('observability/timeline/page/');

/**
 * For each source its types, for each entry a module with what that loads, and nothing else: no map without its source, no test,
 * nothing left behind.
 */
export const checkFiles = async (files) => {
  const sources = (await filesIn('src')).filter(hasTypes).map((file) => file.replace(/\.ts$/, ''));
  const loaded = await Promise.all(subpaths.map(({ module }) => filesLoadedBy(module)));
  const built = [...sources.map((file) => `dist/${file}.d.ts`), ...new Set(loaded.flat())];
  same('files', files, [...BESIDE_DIST, ...built]);
  const texts = await Promise.all(built.map((file) => readFile(join(root, file), 'utf8')));
  const mapped = built.filter((_file, index) => texts[index].includes('sourceMappingURL='));
  if (mapped.length > 0) throw new Error(`there is no map for ${mapped.join(', ')}`);
  return { measured: `${files.length} files` };
};

/** Among others that every entry of `exports` leads to a file, and its types come first. */
export const checkPublint = async (tarball) => {
  const bytes = await readFile(tarball);
  const packed = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
  const { messages, pkg } = await publint({ pack: packed, strict: true, level: 'suggestion' });
  if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, pkg)).join('\n'));
};

export const checkTypesResolve = async (tarball) => {
  await tool(
    '@arethetypeswrong/cli/dist/index.js',
    [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'],
    root,
  );
};
