// Makes the API reference from the doc comments of everything that users can import: `npm run docs:api`, into docs/api.
// With --check it writes nothing, and fails where a symbol, a property or a method has no doc comment, where a link in one leads
// nowhere, or where a type has no page that it is linked to.
import { fileURLToPath } from 'node:url';
import { subpaths } from '../package/manifest.mjs';
import { root } from '../package/run.mjs';
import { installPrivateTools } from '../private-tools.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const only = process.argv.includes('--check');

/** The source of each subpath: what users can import is what has to be documented. */
const entryPoints = subpaths.map(
  ({ module }) => root + module.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts'),
);

installPrivateTools(folder);
const { Application, TSConfigReader } = await import('typedoc');

const app = await Application.bootstrapWithPlugins(
  {
    name: 'deferqueue',
    entryPoints,
    tsconfig: `${root}tsconfig.build.json`,
    out: `${root}docs/api`,
    plugin: [
      'typedoc-plugin-missing-exports',
      `${folder}leave-out-constructors.mjs`,
      ...(only ? [] : ['typedoc-plugin-markdown']),
    ],
    // A type that is part of an exported one is on a page, too: the options of `defer` are made of such.
    placeInternalsInOwningModule: true,
    excludeInternal: true,
    excludeExternals: true,
    readme: 'none',
    disableSources: true,
    logLevel: 'Warn',
    validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
    requiredToBeDocumented: [
      'Enum',
      'EnumMember',
      'Variable',
      'Function',
      'Class',
      'Interface',
      'Property',
      'Method',
      'Accessor',
      'TypeAlias',
    ],
    // The compiler is asked by npm run check:types.
    skipErrorChecking: true,
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
    ...(!only && {
      githubPages: false,
      hideBreadcrumbs: true,
      parametersFormat: 'table',
      typeDeclarationFormat: 'table',
      expandParameters: true,
    }),
  },
  [new TSConfigReader()],
);

const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
const faults = app.logger.errorCount + app.logger.warningCount;
if (faults > 0) {
  console.log(`✗ the doc comments: ${faults} to mend`);
  process.exitCode = 1;
} else if (only) {
  console.log(`✓ everything that ${entryPoints.length} entries export has a doc comment`);
} else {
  await app.generateOutputs(project);
  console.log('docs/api/README.md');
}
