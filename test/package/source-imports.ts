import { posix } from 'node:path';
import { parseSync, Visitor } from 'vite';

/** What one source file says of its module: whom it names, types included, and whether it has a default export. */
export interface SourceModule {
  /** Specifiers as written, but relative ones as the path of the source file they mean. */
  readonly imports: readonly string[];
  readonly defaultExport: boolean;
}

const resolve = (from: string, specifier: string): string =>
  specifier.startsWith('.')
    ? posix
        .join(posix.dirname(from), specifier)
        .replace(/\?inlined$/, '')
        .replace(/\.js$/, '.ts')
    : specifier;

/** Reads every form in which a TypeScript module can name another one. */
export const readModule = (path: string, text: string): SourceModule => {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map((error) => error.message).join('; ')}`);
  const imports = new Set<string>();
  let defaultExport = false;
  const add = (source: { readonly type: string; readonly value?: unknown } | null): void => {
    if (source === null) return;
    if (typeof source.value !== 'string')
      throw new TypeError(`${path} imports what is not written as a string`);
    imports.add(resolve(path, source.value));
  };
  const isDefault = (name: { readonly name?: string; readonly value?: unknown }): boolean =>
    (name.name ?? name.value) === 'default';
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => {
      add(node.source);
      defaultExport ||= node.specifiers.some((specifier) => isDefault(specifier.exported));
    },
    ExportDefaultDeclaration: () => {
      defaultExport = true;
    },
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
  }).visit(program);
  return { imports: [...imports], defaultExport };
};

/** A way from a module back to itself, or `undefined` where there is none. */
export const findCycle = (modules: ReadonlyMap<string, SourceModule>): string[] | undefined => {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of modules.get(path)?.imports ?? []) {
      const cycle = visit(next, [...way, path]);
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
