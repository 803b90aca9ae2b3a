// Checks the package as it would be published: npm packs it, and a clean project installs, compiles and runs it.
// One line for each check; exits with 1 if any of them fails. Needs `npm run build` first, and no network.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../', import.meta.url));
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const consumerSources = join(root, 'scripts/consumer');

const TOP_LEVEL = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'];
const DEPENDENCIES = ['p-queue'];
/** What scripts/consumer's programs print. */
const GREETING = 'deferred at the boundary\n';

const exec = promisify(execFile);

/** Runs a program to its end; what it printed is the message of its failure. */
const run = async (file, args, cwd) => {
  try {
    return await exec(file, args, { cwd, maxBuffer: 16 * 2 ** 20 });
  } catch (error) {
    throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || error.message, { cause: error });
  }
};

const node = (args, cwd) => run(process.execPath, args, cwd);
const tool = (path, args, cwd) => node([join(root, 'node_modules', path), ...args], cwd);
const npm = (args, cwd) => run('npm', args, cwd);

const inOrder = (names) => [...names].toSorted((a, b) => a.localeCompare(b, 'en')).join(', ');

const same = (what, found, expected) => {
  const got = inOrder(found);
  const wanted = inOrder(expected);
  if (got !== wanted) throw new Error(`expected ${what}: ${wanted}\n     found ${what}: ${got}`);
};

let failed = 0;

/** Says how one check went; gives what it found, or undefined where it failed. */
const check = async (title, look) => {
  try {
    const found = await look();
    console.log(`✓ ${title}`);
    return found ?? true;
  } catch (error) {
    failed++;
    console.log(`✗ ${title}\n  ${error.message.split('\n').join('\n  ')}`);
    return undefined;
  }
};

const newest = async (folder) => {
  const files = await readdir(join(root, folder), { recursive: true });
  const times = await Promise.all(files.map(async (file) => (await stat(join(root, folder, file))).mtimeMs));
  return Math.max(...times);
};

const checkBuild = async () => {
  const built = await stat(join(root, 'dist/index.js')).catch(() => undefined);
  if (built === undefined) throw new Error('there is no dist/index.js: npm run build');
  if ((await newest('src')) > built.mtimeMs) throw new Error('src is newer than dist: npm run build');
};

const pack = async (folder) => {
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  const [packed] = JSON.parse(stdout);
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
};

const checkFiles = (files) => {
  same('top-level entries', new Set(files.map((path) => path.split('/')[0])), TOP_LEVEL);
  const odd = files.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path));
  if (odd.length > 0) throw new Error(`neither JavaScript nor types: ${odd.join(', ')}`);
};

/** The folders of everything that comes along with the package's own dependencies, by name. */
const dependencyFolders = async () => {
  const { stdout } = await npm(['ls', '--omit=dev', '--all', '--parseable'], root);
  const folders = stdout.trim().split('\n').slice(1);
  const names = folders.map((path) => relative(join(root, 'node_modules'), path).replaceAll('\\', '/'));
  return Object.fromEntries(names.map((name, index) => [name, folders[index]]));
};

const checkDependencies = async () => {
  same('dependencies', Object.keys(manifest.dependencies ?? {}), DEPENDENCIES);
  for (const kind of ['optionalDependencies', 'peerDependencies', 'bundleDependencies']) {
    same(kind, Object.keys(manifest[kind] ?? {}), []);
  }
  const dependency = JSON.parse(await readFile(join(root, 'node_modules/p-queue/package.json'), 'utf8'));
  const folders = await dependencyFolders();
  same('installed dependencies', Object.keys(folders), [
    ...DEPENDENCIES,
    ...Object.keys(dependency.dependencies),
  ]);
  return folders;
};

const checkPublint = async (tarball) => {
  const bytes = await readFile(tarball);
  const packed = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
  const { messages, pkg } = await publint({ pack: packed, strict: true, level: 'suggestion' });
  if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, pkg)).join('\n'));
};

const checkTypesResolve = (tarball) =>
  tool(
    '@arethetypeswrong/cli/dist/index.js',
    [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'],
    root,
  );

/** Installs the tarball where nothing else is. Its dependencies come from node_modules, so that no registry is asked. */
const install = async (tarball, folders, project) => {
  await mkdir(project);
  await cp(consumerSources, project, { recursive: true });
  const fromHere = Object.entries(folders).map(([name, path]) => [name, `file:${path}`]);
  const dependencies = { ...Object.fromEntries(fromHere), [manifest.name]: `file:${tarball}` };
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await npm(['install', '--offline', '--install-links', ...quiet], project);
  const found = await readdir(join(project, 'node_modules'));
  const installed = found.filter((name) => !name.startsWith('.'));
  same('installed packages', installed, [...Object.keys(folders), manifest.name]);
  // The types of Node.js are the project's own affair: they are no dependency of the package.
  await mkdir(join(project, 'node_modules/@types'));
  await symlink(
    join(root, 'node_modules/@types/node'),
    join(project, 'node_modules/@types/node'),
    'junction',
  );
};

const compile = (project, config) => tool('typescript/bin/tsc', ['-p', config], project);

const runProgram = async (project, program) => {
  const { stdout, stderr } = await node([program], project);
  if (stdout !== GREETING || stderr !== '') throw new Error(`it printed: ${stdout}${stderr}`);
};

const folder = await mkdtemp(join(tmpdir(), 'deferqueue-package-'));
try {
  const project = join(folder, 'project');
  const isBuilt = await check('dist is what src was built to', checkBuild);
  const packed = isBuilt && (await check('npm packs it', () => pack(folder)));
  const folders = await check(`the only dependency is ${DEPENDENCIES.join(', ')}`, checkDependencies);
  if (packed && folders) {
    const { tarball, files } = packed;
    await check(`the tarball has ${TOP_LEVEL.join(', ')} and nothing else`, () => checkFiles(files));
    await check('publint, strict', () => checkPublint(tarball));
    // This one takes seconds, and nothing waits for it.
    const resolving = check('are the types wrong, ESM only', () => checkTypesResolve(tarball));
    if (
      await check('installs in a clean project, with no package but its own', () =>
        install(tarball, folders, project),
      )
    ) {
      await check('compiles under nodenext, strict, skipLibCheck off', () =>
        compile(project, 'tsconfig.nodenext.json'),
      );
      await check('compiles under bundler without the types of Node.js', () =>
        compile(project, 'tsconfig.bundler.json'),
      );
      await check('runs with import', () => runProgram(project, 'out/with-import.js'));
      if (process.features.require_module) {
        await check('runs with require', () => runProgram(project, 'out/with-require.cjs'));
      } else {
        console.log('- runs with require: this Node.js cannot require a module');
      }
    }
    await resolving;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
