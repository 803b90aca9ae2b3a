import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { parseSync, Visitor } from 'vite';
import type { ESTree } from 'vite';
import { describe, expect, test } from 'vitest';
import { filesIn, root } from './built.js';

// The goals are 3,000 lines, 1,200 lines and 13,500 bytes. docs/internals/performance.md has the reasons for these.
const CORE_LINES = 4460;
const API_LINES = 1580;
/** Bytes of the main entry without p-queue: bundled and minified by esbuild, then gzipped. */
const BUDGET = 24_300;

const linesOf = (folder: string): Map<string, number> =>
  new Map(
    filesIn(folder).map((file) => [
      file,
      readFileSync(root + file, 'utf8')
        .trimEnd()
        .split('\n').length,
    ]),
  );

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

/** Whether an expression changes nothing: it assigns no field or variable. */
const changesNothing = (program: ESTree.Program, { start, end }: ESTree.Expression): boolean => {
  let isPure = true;
  const note = (node: { readonly start: number; readonly end: number }): void => {
    if (node.start >= start && node.end <= end) isPure = false;
  };
  new Visitor({ AssignmentExpression: note, UpdateExpression: note }).visit(program);
  return isPure;
};

/** The getters of a file that are more than one `return`, or assign anything but the field that they memoise. */
const busyGetters = (path: string, text: string): string[] => {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map(({ message }) => message).join('; ')}`);
  const found: string[] = [];
  const check = (
    kind: string,
    key: { readonly start: number; readonly end: number },
    value: { readonly type: string; readonly body?: unknown },
  ): void => {
    if (kind !== 'get') return;
    const body = value.body as ESTree.FunctionBody | null | undefined;
    // An abstract getter has none.
    if (!body) return;
    const [statement, ...others] = body.body;
    let result = statement?.type === 'ReturnStatement' && others.length === 0 ? statement.argument : null;
    while (result?.type === 'ParenthesizedExpression') result = result.expression;
    // Of a memoised object, the getter may return a part.
    if (result?.type === 'MemberExpression') result = result.object;
    while (result?.type === 'ParenthesizedExpression') result = result.expression;
    const memoises =
      result?.type === 'AssignmentExpression' &&
      result.operator === '??=' &&
      result.left.type === 'MemberExpression' &&
      result.left.object.type === 'ThisExpression' &&
      changesNothing(program, result.right);
    if (result && (memoises || changesNothing(program, result))) return;
    found.push(`${path}: ${text.slice(key.start, key.end)}`);
  };
  new Visitor({
    MethodDefinition: ({ kind, key, value }) => check(kind, key, value),
    Property: ({ kind, key, value }) => check(kind, key, value),
  }).visit(program);
  return found;
};

describe('the shape of the sources', () => {
  test('src/core has a bounded number of lines, in at most 30 files', () => {
    const lines = linesOf('src/core');
    expect(sum(lines.values())).toBeLessThanOrEqual(CORE_LINES);
    expect(lines.size).toBeLessThanOrEqual(30);
  });

  test('src/api has a bounded number of lines', () => {
    expect(sum(linesOf('src/api').values())).toBeLessThanOrEqual(API_LINES);
  });

  test('no file of src/core or src/api has more than 300 lines', () => {
    const long = [...linesOf('src/core'), ...linesOf('src/api')].filter(([, lines]) => lines > 300);
    expect(long).toEqual([]);
  });

  test('no getter of src/core does more than return or memoise a value of its own', () => {
    const busy = filesIn('src/core').flatMap((file) => busyGetters(file, readFileSync(root + file, 'utf8')));
    expect(busy).toEqual([]);
  });
});

test(`the main entry has at most ${BUDGET / 1000} kB, gzipped, without p-queue`, async () => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    outdir: 'measured',
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'es2022',
    format: 'esm',
    legalComments: 'none',
    external: ['p-queue'],
    metafile: true,
    logLevel: 'silent',
  });
  const gzipped = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength;
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs: of }) => Object.entries(of));
  const largest = inputs
    .toSorted(([, one], [, other]) => other.bytesInOutput - one.bytesInOutput)
    .slice(0, 10)
    .map(([path, { bytesInOutput }]) => `${path} ${bytesInOutput}`);
  expect(gzipped).toBeGreaterThan(5000);
  expect(gzipped, `the largest, minified: ${largest.join(', ')}`).toBeLessThanOrEqual(BUDGET);
});

describe('what the check of getters finds', () => {
  const inClass = (getter: string): string[] => busyGetters('a.ts', `class A { ${getter} }`);

  test.each([
    ['counts', 'get a(): number { let n = 0; for (const b of this.#bs) n += b.n; return n; }'],
    ['changes something', 'get a() { return this.#b++; }'],
    ['memoises elsewhere', 'get a() { return (cache.a ??= make()); }'],
    ['changes something where it memoises', 'get a() { return (this.#b ??= this.#c++); }'],
    ['memoises and more', 'get a() { this.#b(); return (this.#c ??= 1); }'],
    ['returns nothing', 'static get a() { throw new Error("no"); }'],
  ])('one that %s', (_what, getter) => {
    expect(inClass(getter)).toEqual(['a.ts: a']);
  });

  test('one of an object', () => {
    expect(busyGetters('a.ts', 'export const a = { get b() { return c++; } };')).toEqual(['a.ts: b']);
  });

  test.each([
    ['returns a field', 'get a(): B { return this.#b; }'],
    ['looks at fields', 'get a() { return this.#b !== undefined && this.c.d > 1 ? this.#e : "f"; }'],
    ['memoises', 'get a() { return (this.#b ??= new B(make())); }'],
    ['returns a part of what it memoises', 'get a() { return (this.#b ??= make()).c; }'],
    ['calls what changes nothing of its own', 'get a() { return this.b.map((c) => c.d); }'],
    ['is abstract', 'abstract get a(): B;'],
    ['is no getter', 'a() { return this.#b(); } get = () => this.#b(); set c(d) { this.#b(d); }'],
  ])('but not one that %s', (_what, getter) => {
    expect(inClass(getter)).toEqual([]);
  });
});
