// The runtimes, and where their binaries are: in the packages of package.json beside this file, but for the Node.js that runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const modules = `${folder}node_modules/`;

/** The Node.js that runs this. */
export const here = `node-${process.versions.node.split('.')[0]}`;

const node = (name, binary) => ({
  name,
  title: name.replace('node-', 'Node.js '),
  kind: 'node',
  binary,
  args: ['--expose-gc'],
});

/** In the order in which they run. */
export const runtimes = [
  node(here, process.execPath),
  ...['node-22', 'node-24', 'node-26']
    .filter((name) => name !== here)
    .map((name) => node(name, `${modules}${name}/bin/node`)),
  {
    name: 'bun',
    title: 'Bun',
    kind: 'bun',
    binary: `${modules}@oven/bun-linux-x64-baseline/bin/bun`,
    args: [],
  },
  {
    name: 'deno',
    title: 'Deno',
    kind: 'deno',
    binary: `${modules}@deno/linux-x64-glibc/deno`,
    // No permission is given, and a program that asks for one fails.
    args: ['run', '--no-prompt', '--no-remote', '--v8-flags=--expose-gc'],
  },
  // The second is as early as nodejs_compat has the globals of Node.js.
  ...[
    ['workerd', 'workerd', '2026-11-17'],
    ['workerd-2024', 'workerd as of 2024', '2024-09-23'],
  ].map(([name, title, compatibilityDate]) => ({
    name,
    title,
    kind: 'workerd',
    compatibilityDate,
    binary: `${modules}@cloudflare/workerd-linux-64/bin/workerd`,
  })),
];

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(`${folder}${file}`, 'utf8')).packages;
  } catch {
    return {};
  }
};

/** Whether what is installed is what the lock says. Of the packages for one platform alone, those named in package.json are wanted. */
export const areInstalled = () => {
  const { '': own, ...locked } = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  const wanted = Object.keys(own.optionalDependencies).map((name) => `node_modules/${name}`);
  return Object.entries(locked).every(([path, { version, optional }]) => {
    const found = installed[path]?.version;
    return found === version || (found === undefined && optional && !wanted.includes(path));
  });
};

/** The packages have Linux binaries for x64. Elsewhere the Node.js that runs is the only one. */
export const canInstall = process.platform === 'linux' && process.arch === 'x64';

export const isThere = ({ binary }) => existsSync(binary);

/** As the binary tells it. */
export const versionOf = ({ binary }) => {
  const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  const version = /\d+[.-]\d+[.-]\d+/.exec(stdout ?? '')?.[0];
  if (version === undefined) throw new Error(`${binary} --version printed: ${stdout}`);
  return version;
};
