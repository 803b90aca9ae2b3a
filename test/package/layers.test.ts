import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesIn, root } from './built.js';
import { findCycle, readModule } from './source-imports.js';
import type { SourceModule } from './source-imports.js';

/** What each layer may import. The first pattern that a file's path matches is its layer. */
const LAYERS: readonly { readonly files: RegExp; readonly mayImport: readonly RegExp[] }[] = [
  { files: /^src\/api\//, mayImport: [/^src\/api\//] },
  // What the core publishes, without knowing its subscribers.
  { files: /^src\/observability\/channels\.ts$/, mayImport: [/^src\/api\//] },
  {
    files: /^src\/core\//,
    mayImport: [/^src\/(core|api)\//, /^src\/observability\/channels\.ts$/, /^node:/],
  },
  {
    files: /^src\/concurrency\/p-queue\.ts$/,
    mayImport: [/^src\/(core|api|concurrency)\//, /^node:/, /^p-queue$/],
  },
  { files: /^src\/concurrency\//, mayImport: [/^src\/(core|api|concurrency)\//, /^node:/] },
  {
    files: /^src\/carriers\/index\.ts$/,
    mayImport: [/^src\/api\//, /^src\/carriers\/async-local-storage\.ts$/],
  },
  { files: /^src\/carriers\//, mayImport: [/^src\/api\//, /^src\/core\/context\.ts$/, /^node:/] },
  { files: /^src\/version\.ts$/, mayImport: [] },
  { files: /^src\/create-runtime\.ts$/, mayImport: [/^src\/(api|core|carriers|concurrency)\//] },
  {
    files: /^src\/default-runtime\.ts$/,
    mayImport: [/^src\/(create-runtime|version)\.ts$/, /^src\/(api|core)\//],
  },
  {
    files: /^src\/index\.ts$/,
    mayImport: [/^src\/(default|create)-runtime\.ts$/, /^src\/api\//, /^src\/observability\/channels\.ts$/],
  },
  // Subscribers need the channels, and no runtime.
  { files: /^src\/observability\/(labels|listen)\.ts$/, mayImport: [/^src\/observability\//, /^node:/] },
  {
    files: /^src\/observability\/(inspect|debug|timeline)\//,
    mayImport: [
      /^src\/observability\/(inspect|debug|timeline)\//,
      /^src\/observability\/(channels|labels|listen)\.ts$/,
      /^src\/api\/(invalid-argument|outcome|report|types)\.ts$/,
    ],
  },
  // Integrations sit on what users have.
  {
    files: /^src\/observability\/opentelemetry\//,
    mayImport: [
      /^src\/observability\/opentelemetry\//,
      /^src\/(index|version)\.ts$/,
      /^src\/api\/invalid-argument\.ts$/,
      /^src\/observability\/listen\.ts$/,
      /^node:/,
      /^@opentelemetry\/api$/,
    ],
  },
  {
    files: /^src\/testing\//,
    mayImport: [
      /^src\/testing\//,
      /^src\/(index|create-runtime)\.ts$/,
      /^src\/carriers\/index\.ts$/,
      /^src\/observability\/inspect\/index\.ts$/,
      /^src\/api\/invalid-argument\.ts$/,
      /^src\/observability\/listen\.ts$/,
      /^p-queue$/,
      /^node:/,
    ],
  },
];

/** Where files may import one another's types: the parts of one engine, and of one public surface. */
const mayBeMutual = (folder: string): boolean => ['src/core', 'src/api'].includes(folder);

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

  test('imports point inwards: integrations, the runtime, the core, the public types', () => {
    expect(breaches(sources)).toEqual([]);
  });

  test('no module imports itself by way of others; in the core and the public types, types may be mutual', () => {
    expect(findCycle(sources, mayBeMutual)).toBeUndefined();
  });

  test('there are no default exports', () => {
    expect(defaultExports(sources)).toEqual([]);
  });
});

describe('what the test of the layers finds', () => {
  test.each([
    ['core that imports a carrier', 'src/core/a.ts', "import { b } from '../carriers/b.js';"],
    ['core that imports a type of the package', 'src/core/a.ts', "import type { B } from '../index.js';"],
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
    ['another file than the adapter that imports p-queue', 'src/concurrency/a.ts', "import 'p-queue';"],
    ['an adapter that imports a carrier', 'src/concurrency/a.ts', "export * from '../carriers/a.js';"],
    ['public types that import the core', 'src/api/a.ts', "import type { B } from '../core/b.js';"],
    ['an index that exports an adapter', 'src/index.ts', "export { a } from './concurrency/a.js';"],
    ['a runtime that imports the index', 'src/create-runtime.ts', "import type { B } from './index.js';"],
    ['a carrier that imports another one', 'src/carriers/a.ts', "import { b } from './b.js';"],
    ['carriers that import the runtime', 'src/carriers/index.ts', "export * from '../create-runtime.js';"],
    [
      'a helper for tests that imports the core',
      'src/testing/a.ts',
      "import type { B } from '../core/b.js';",
    ],
    [
      'a helper for tests that imports an adapter',
      'src/testing/a.ts',
      "import { b } from '../concurrency/b.js';",
    ],
    [
      'an index that exports spans',
      'src/index.ts',
      "export * from './observability/opentelemetry/index.js';",
    ],
    [
      'spans that need the SDK',
      'src/observability/opentelemetry/a.ts',
      "import '@opentelemetry/sdk-trace-base';",
    ],
    [
      'spans that import the core',
      'src/observability/opentelemetry/a.ts',
      "import type { B } from '../core/b.js';",
    ],
    [
      'a runtime that imports a helper for tests',
      'src/create-runtime.ts',
      "import { b } from './testing/b.js';",
    ],
    [
      'an inspector that imports the runtime',
      'src/observability/inspect/a.ts',
      "import { b } from '../../create-runtime.js';",
    ],
    [
      'a log that imports an operation',
      'src/observability/debug/a.ts',
      "import { b } from '../core/operation.js';",
    ],
    ['a file in a folder without a layer', 'src/elsewhere/a.ts', 'export const a = 1;'],
  ])('%s', (_what, path, text) => {
    expect(breaches(read({ [path]: text }))).toHaveLength(1);
  });

  const cycle = (first: string): Map<string, SourceModule> =>
    read({
      'src/core/a.ts': first,
      'src/core/b.ts': "export { type C, d } from './c.js';",
      'src/core/c.ts': "import { A, type E } from './a.js';",
    });

  test('a cycle of imports', () => {
    const found = ['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts', 'src/core/a.ts'];
    expect(findCycle(cycle("import { B } from './b.js';"), mayBeMutual)).toEqual(found);
    expect(findCycle(cycle("import type { B } from './b.js';"))).toEqual(found);
  });

  test.each(["import type { B } from './b.js';", "import { type B } from './b.js';"])(
    'no cycle where one of the imports is for types alone: %s',
    (first) => {
      expect(findCycle(cycle(first), mayBeMutual)).toBeUndefined();
    },
  );

  test.each(['export default 1;', 'const a = 1; export { a as default };'])(
    'a default export: %s',
    (text) => {
      expect(defaultExports(read({ 'src/core/a.ts': text }))).toEqual(['src/core/a.ts']);
    },
  );
});
