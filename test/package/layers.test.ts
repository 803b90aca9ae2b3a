import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesIn, root } from './built.js';
import { findCycle, readModule } from './source-imports.js';
import type { SourceModule } from './source-imports.js';

/** What each layer may import. The first pattern that a file's path matches is its layer. */
const LAYERS: readonly { readonly files: RegExp; readonly mayImport: readonly RegExp[] }[] = [
  // Whom the core tells, without knowing who listens.
  { files: /^src\/diagnostics\/channels\.ts$/, mayImport: [/^src\/core\/(outcome|report|surface)\.ts$/] },
  { files: /^src\/core\//, mayImport: [/^src\/core\//, /^src\/diagnostics\/channels\.ts$/, /^node:/] },
  {
    files: /^src\/carriers\/index\.ts$/,
    mayImport: [/^src\/core\//, /^src\/carriers\/async-local-storage\.ts$/],
  },
  { files: /^src\/carriers\//, mayImport: [/^src\/core\//, /^node:/] },
  {
    files: /^src\/drains\/concurrent\.ts$/,
    mayImport: [/^src\/core\//, /^src\/drains\//, /^node:/, /^p-queue$/],
  },
  { files: /^src\/drains\//, mayImport: [/^src\/core\//, /^src\/drains\//, /^node:/] },
  { files: /^src\/version\.ts$/, mayImport: [] },
  { files: /^src\/runtime\.ts$/, mayImport: [/^src\/(core|carriers|drains)\//] },
  { files: /^src\/default-runtime\.ts$/, mayImport: [/^src\/(runtime|version)\.ts$/, /^src\/core\//] },
  {
    files: /^src\/index\.ts$/,
    mayImport: [/^src\/(default-)?runtime\.ts$/, /^src\/core\//, /^src\/diagnostics\/channels\.ts$/],
  },
  // What only listens needs the channels, and no runtime.
  {
    files: /^src\/(inspect|debug|timeline)\//,
    mayImport: [
      /^src\/(inspect|debug|timeline|diagnostics)\//,
      /^src\/core\/(invalid-argument|outcome|report|surface)\.ts$/,
    ],
  },
  { files: /^src\/diagnostics\/(labels|listen)\.ts$/, mayImport: [/^src\/diagnostics\//, /^node:/] },
  // What tells a tool of somebody else's what happens goes by what users have.
  {
    files: /^src\/opentelemetry\//,
    mayImport: [
      /^src\/opentelemetry\//,
      /^src\/(index|version)\.ts$/,
      /^src\/core\/invalid-argument\.ts$/,
      /^src\/diagnostics\/listen\.ts$/,
      /^node:/,
      /^@opentelemetry\/api$/,
    ],
  },
  // What users' tests need goes by what users have.
  {
    files: /^src\/testing\//,
    mayImport: [
      /^src\/testing\//,
      /^src\/(index|runtime)\.ts$/,
      /^src\/(carriers|inspect)\/index\.ts$/,
      /^src\/core\/invalid-argument\.ts$/,
      /^src\/diagnostics\/listen\.ts$/,
      /^p-queue$/,
      /^node:/,
    ],
  },
];

type Texts = Readonly<Record<string, string>>;

const read = (texts: Texts): Map<string, SourceModule> =>
  new Map(Object.entries(texts).map(([path, text]) => [path, readModule(path, text)]));

/** One sentence for each import that points the wrong way, and for each file that has no layer. */
const breaches = (modules: ReadonlyMap<string, SourceModule>): string[] =>
  [...modules].flatMap(([path, { imports }]) => {
    const layer = LAYERS.find(({ files }) => files.test(path));
    if (layer === undefined) return [`${path} is in no layer`];
    return imports
      .filter((target) => !layer.mayImport.some((allowed) => allowed.test(target)))
      .map((target) => `${path} imports ${target}`);
  });

const defaultExports = (modules: ReadonlyMap<string, SourceModule>): string[] =>
  [...modules].filter(([, { defaultExport }]) => defaultExport).map(([path]) => path);

const files = filesIn('src');
const sources = read(
  Object.fromEntries(
    files.filter((path) => path.endsWith('.ts')).map((path) => [path, readFileSync(root + path, 'utf8')]),
  ),
);

describe('the layers of the sources', () => {
  test('every file is read, and every relative import leads to one of them', () => {
    expect(sources.size).toBeGreaterThan(20);
    const relative = [...sources.values()].flatMap(({ imports }) =>
      imports.filter((path) => path.startsWith('src/')),
    );
    expect(relative.filter((path) => !files.includes(path))).toEqual([]);
  });

  test('imports point inwards: index, runtime, carriers and drains, core', () => {
    expect(breaches(sources)).toEqual([]);
  });

  test('no module imports itself by way of others, not even for types', () => {
    expect(findCycle(sources)).toBeUndefined();
  });

  test('there are no default exports', () => {
    expect(defaultExports(sources)).toEqual([]);
  });
});

describe('what the test of the layers finds', () => {
  test.each([
    ['core that imports a carrier', 'src/core/a.ts', "import { b } from '../carriers/b.js';"],
    ['core that imports a type of the runtime', 'src/core/a.ts', "import type { B } from '../runtime.js';"],
    ['core that imports p-queue', 'src/core/a.ts', "import PQueue from 'p-queue';"],
    [
      'core that imports p-queue only when it needs it',
      'src/core/a.ts',
      "export const q = () => import('p-queue');",
    ],
    [
      'core that names a foreign type in place',
      'src/core/a.ts',
      "export type Q = import('p-queue').default;",
    ],
    ['a carrier that imports p-queue', 'src/carriers/a.ts', "import 'p-queue';"],
    ['another drain than the concurrent one that imports p-queue', 'src/drains/a.ts', "import 'p-queue';"],
    ['a drain that imports a carrier', 'src/drains/a.ts', "export * from '../carriers/a.js';"],
    ['an index that exports a drain', 'src/index.ts', "export { serial } from './drains/serial.js';"],
    ['a runtime that imports the index', 'src/runtime.ts', "import type { B } from './index.js';"],
    ['a carrier that imports another one', 'src/carriers/a.ts', "import { b } from './b.js';"],
    ['carriers that import the runtime', 'src/carriers/index.ts', "export * from '../runtime.js';"],
    [
      'a helper for tests that imports the core',
      'src/testing/a.ts',
      "import type { B } from '../core/b.js';",
    ],
    ['a helper for tests that imports a drain', 'src/testing/a.ts', "import { b } from '../drains/b.js';"],
    ['an index that exports spans', 'src/index.ts', "export * from './opentelemetry/index.js';"],
    ['spans that need the SDK', 'src/opentelemetry/a.ts', "import '@opentelemetry/sdk-trace-base';"],
    ['spans that import the core', 'src/opentelemetry/a.ts', "import type { B } from '../core/b.js';"],
    ['a runtime that imports a helper for tests', 'src/runtime.ts', "import { b } from './testing/b.js';"],
    ['an inspector that imports the runtime', 'src/inspect/a.ts', "import { b } from '../runtime.js';"],
    ['a log that imports an operation', 'src/debug/a.ts', "import { b } from '../core/operation.js';"],
    ['a file in a folder without a layer', 'src/elsewhere/a.ts', 'export const a = 1;'],
  ])('%s', (_what, path, text) => {
    expect(breaches(read({ [path]: text }))).toHaveLength(1);
  });

  test('a cycle of type imports', () => {
    const modules = read({
      'src/core/a.ts': "import type { B } from './b.js';",
      'src/core/b.ts': "export type { C } from './c.js';",
      'src/core/c.ts': "import { type A } from './a.js';",
    });
    expect(findCycle(modules)).toEqual(['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts', 'src/core/a.ts']);
  });

  test.each(['export default 1;', 'const a = 1; export { a as default };'])(
    'a default export: %s',
    (text) => {
      expect(defaultExports(read({ 'src/core/a.ts': text }))).toEqual(['src/core/a.ts']);
    },
  );
});
