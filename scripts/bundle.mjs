// Makes the modules of dist, after the compiler has made the types: one file for each entry of `exports`, and runtime.js for
// what entries share. See docs/internals/performance.md.
import { dirname, isAbsolute, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { inlined } from './inlined.mjs';
import { STANDALONE, subpaths } from './package/manifest.mjs';
import { root } from './package/run.mjs';

/** `carriers/index` for `dist/carriers/index.js`: each entry has the same path in src. */
const nameOf = ({ module }) => module.replace(/^dist\//, '').replace(/\.js$/, '');
const isAlone = ({ subpath }) => STANDALONE.includes(subpath);

/** Entries with a file of their own, which has copies of what they share with others. */
const alone = subpaths.filter(isAlone).map(nameOf);
/** Entries that share what more than one of them uses: it has to be there once, with one class of each error. */
const together = subpaths.filter((subpath) => !isAlone(subpath)).map(nameOf);

/** Characters of code that a standalone entry may copy: small functions without state. */
const COPIED = 8000;

const pathOf = (id) => relative(root, id).replaceAll('\\', '/');
const source = (name) => `src/${name}.ts`;

/** Imports of these entries stay imports. Each file of dist has the path of its source, so the specifier is the same. */
const keepImportsOf = (names) => ({
  name: 'keep-imports',
  resolveId(id, importer) {
    if (importer === undefined || !id.startsWith('.')) return null;
    const path = pathOf(join(dirname(importer), id.replace(/\.js$/, '.ts')));
    return names.some((name) => source(name) === path) ? { id, external: true } : null;
  },
});

const bundle = async (names, kept, output) => {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(names.map((name) => [name, `./${source(name)}`])),
    plugins: [inlined(), keepImportsOf(kept)],
    // Without this, the code of an entry that another one uses would be in a third file.
    preserveEntrySignatures: 'allow-extension',
    platform: 'node',
    tsconfig: 'tsconfig.build.json',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  try {
    // With its names and doc comments: people read it in stack traces and step through it.
    return await build[output.dir === undefined ? 'generate' : 'write']({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      minify: false,
      minifyInternalExports: false,
      ...output,
    });
  } finally {
    await build.close();
  }
};

const dir = join(root, 'dist');
const inOneFile = /** @type {const} */ ({ codeSplitting: false });

/** The sources that an entry reaches without passing through another one. */
const reachedFrom = async (name) => {
  const others = subpaths.map(nameOf).filter((other) => other !== name);
  const { output } = await bundle([name], others, inOneFile);
  return output[0].moduleIds.map(pathOf);
};

const [main, ...others] = together;
const byOthers = new Set((await Promise.all(others.map(reachedFrom))).flat());
const shared = new Set((await reachedFrom(main)).filter((path) => byOthers.has(path)));
await bundle(together, alone, {
  dir,
  codeSplitting: { groups: [{ name: 'runtime', test: (id) => shared.has(pathOf(id)) }] },
});

for (const name of alone) {
  const kept = alone.filter((other) => other !== name);
  const { output } = await bundle([name], kept, { dir, ...inOneFile });
  const modules = Object.entries(output[0].modules).filter(([id]) => shared.has(pathOf(id)));
  const copied = modules.reduce((total, [, { renderedLength }]) => total + renderedLength, 0);
  const paths = modules.map(([id]) => pathOf(id)).join(', ');
  if (copied > COPIED) throw new Error(`${source(name)} copies ${copied} characters: ${paths}`);
}
