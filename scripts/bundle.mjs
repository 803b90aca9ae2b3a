// Makes the modules of dist, after the compiler has made the types: one file for each entry of `exports`, and runtime.js for
// what entries share. See docs/decisions/0019-one-file-to-load.md.
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { inlined } from './inlined.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** `carriers/index` for `./dist/carriers/index.js`: the source of each entry is in the same place of src. */
const entries = Object.values(exports)
  .filter((target) => target.default !== undefined)
  .map((target) => target.default.replace(/^\.\/dist\//, '').replace(/\.js$/, ''));

/** All that is reached from here is in one file, however many entries there are that use only a part of it. */
const SHARED = 'runtime';

/** What else several entries use. In the file of one of them, it would be among what that one exports. */
const ALSO_SHARED = ['src/version.ts'];

/**
 * What may be in several files, so that an entry which is used without the runtime does not load it, and adds no file to those that
 * are. These are small, have no state, and are never asked whether they are the same.
 */
const COPIED = new Set([
  'src/api/invalid-argument.ts',
  'src/core/context.ts',
  'src/carriers/async-local-storage.ts',
  'src/observability/listen.ts',
  'src/observability/labels.ts',
]);

/**
 * Entries that others import as users do, and do not take apart: what they hold is there once, and they stand alone still. As each file
 * of dist has the place of its source, the path is the same.
 */
const IMPORTED_WHOLE = ['../inspect/index.js'];

const options = {
  cwd: root,
  plugins: [
    inlined(),
    {
      name: 'imported-whole',
      resolveId: (id) => (IMPORTED_WHOLE.includes(id) ? { id, external: true } : null),
    },
  ],
  // Without this, the code of an entry that another one uses would be in a third file.
  preserveEntrySignatures: /** @type {const} */ ('allow-extension'),
  platform: 'node',
  tsconfig: 'tsconfig.build.json',
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message);
  },
};

/** As it is written, with its names and doc comments: people read it in stack traces and step through it. */
const format = /** @type {const} */ ({
  dir: join(root, 'dist'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  minify: false,
  minifyInternalExports: false,
});

const bundle = async (names, write, output) => {
  const input = Object.fromEntries(names.map((name) => [name, `./src/${name}.ts`]));
  const build = await rolldown({ ...options, input });
  try {
    return (await build[write ? 'write' : 'generate']({ ...format, ...output })).output;
  } finally {
    await build.close();
  }
};

const pathOf = (id) => relative(root, id).replaceAll('\\', '/');

/** The sources that are loaded with one of them. */
const reachedFrom = async (name) => {
  const chunks = await bundle([name], false, { codeSplitting: false });
  return new Set(chunks.flatMap(({ moduleIds }) => moduleIds.map(pathOf)));
};

const shared = new Set([...(await reachedFrom('create-runtime')), ...ALSO_SHARED]);
const reached = new Map();
for (const entry of entries) reached.set(entry, await reachedFrom(entry));

/** Whether nothing that it loads belongs to another one, too, but what may be copied. */
const standsAlone = (entry) => {
  const others = entries.filter((other) => other !== entry).map((other) => reached.get(other));
  return [...reached.get(entry)].every(
    (path) => COPIED.has(path) || ![shared, ...others].some((sources) => sources.has(path)),
  );
};

const alone = entries.filter(standsAlone);
const together = entries.filter((entry) => !alone.includes(entry));
await bundle(together, true, {
  codeSplitting: { groups: [{ name: SHARED, test: (id) => shared.has(pathOf(id)) }] },
});
for (const entry of alone) await bundle([entry], true, { codeSplitting: false });
