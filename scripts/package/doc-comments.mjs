import { createRequire } from 'node:module';
import { join } from 'node:path';
import { subpaths } from './manifest.mjs';

/** What an editor shows of an exported symbol: for a function the comment of the overload that is called. */
const undocumented = (ts, checker, symbol) => {
  const has = (of) => ts.displayPartsToString(of.getDocumentationComment(checker)) !== '';
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (!has(target)) return true;
  if (!(target.flags & ts.SymbolFlags.Variable)) return false;
  const signatures = checker.getTypeOfSymbol(target).getCallSignatures();
  return !signatures.every(has);
};

/** Reads the types of the installed package as an editor does. */
export const checkDocComments = (project, { folder }) => {
  const ts = createRequire(import.meta.url)(folder);
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const program = ts.createProgram([join(project, 'every-subpath.ts')], { ...options, types: ['node'] });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(project, 'every-subpath.ts'));
  const imports = file.statements.filter(ts.isImportDeclaration);
  const all = imports.flatMap((statement, index) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(statement.moduleSpecifier))
      .map((symbol) => ({ symbol, name: `${subpaths[index].specifier}: ${symbol.name}` })),
  );
  const without = all.filter(({ symbol }) => undocumented(ts, checker, symbol)).map(({ name }) => name);
  if (without.length > 0) throw new Error(`an editor shows nothing for ${without.join(', ')}`);
  return { measured: `${all.length} exports` };
};
