import { posix } from 'node:path';
import { parseSync, Visitor } from 'vite';

/** What one source file says of its module: what it imports, and whether it has a default export. */
export interface SourceModule {
  /** Specifiers as written, but relative ones as the path of the source file they mean. Types included. */
  readonly imports: readonly string[];
  /** Those of them that are imported for more than types: what is loaded. */
  readonly values: readonly string[];
  readonly defaultExport: boolean;
}

const resolve = (from: string, specifier: string): string =>
  specifier.startsWith('.')
    ? posix
        .join(posix.dirname(from), specifier)
        .replace(/\?inlined$/, '')
        .replace(/\.js$/, '.ts')
    : specifier;

interface Source {
  readonly type: string;
  readonly value?: unknown;
}

interface Specifier {
  readonly importKind?: string;
  readonly exportKind?: string;
}

/** Whether nothing but types is named: by `import type`, or by `type` at each name. */
const isForTypes = (kind: string | undefined, specifiers: readonly Specifier[]): boolean =>
  kind === 'type' ||
  (specifiers.length > 0 && specifiers.every((each) => (each.importKind ?? each.exportKind) === 'type'));

/** Reads every form in which a TypeScript module can name another one. */
export const readModule = (path: string, text: string): SourceModule => {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map((error) => error.message).join('; ')}`);
  const imports = new Set<string>();
  const values = new Set<string>();
  let defaultExport = false;
  const add = (source: Source | null, areTypes = false): void => {
    if (source === null) return;
    if (typeof source.value !== 'string') {
      throw new TypeError(`${path} imports what is not written as a string`);
    }
    const target = resolve(path, source.value);
    imports.add(target);
    if (!areTypes) values.add(target);
  };
  const isDefault = (name: { readonly name?: string; readonly value?: unknown }): boolean =>
    (name.name ?? name.value) === 'default';
  new Visitor({
    ImportDeclaration: (node) =>
      add(node.source, isForTypes(node.importKind, node.specifiers as readonly Specifier[])),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ExportNamedDeclaration: (node) => {
      add(node.source, isForTypes(node.exportKind, node.specifiers));
      defaultExport ||= node.specifiers.some((specifier) => isDefault(specifier.exported));
    },
    ExportDefaultDeclaration: () => {
      defaultExport = true;
    },
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source, true),
    TSExternalModuleReference: (node) => add(node.expression),
  }).visit(program);
  return { imports: [...imports], values: [...values], defaultExport };
};

/**
 * Returns a way from a module back to itself, or `undefined` if there is none. Imports of types alone are
 * followed where `mayBeMutual` does not hold for the folder of both files.
 */
export const findCycle = (
  modules: ReadonlyMap<string, SourceModule>,
  mayBeMutual: (folder: string) => boolean = () => false,
): string[] | undefined => {
  const done = new Set<string>();
  const next = (path: string): readonly string[] => {
    const module = modules.get(path);
    if (module === undefined) return [];
    const folder = posix.dirname(path);
    if (!mayBeMutual(folder)) return module.imports;
    return module.imports.filter((to) => module.values.includes(to) || posix.dirname(to) !== folder);
  };
  const visit = (path: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const target of next(path)) {
      const cycle = visit(target, [...way, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of modules.keys()) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};
