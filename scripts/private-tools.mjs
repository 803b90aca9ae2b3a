// Tools whose bins or whose TypeScript would stand in the way of the project's own live in folders with a package.json and a
// lock of their own. They are installed by the first command that needs them, and again when the lock has changed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const packagesOf = (path) => {
  try {
    const { packages } = JSON.parse(readFileSync(path, 'utf8'));
    delete packages[''];
    return packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whether what npm has noted of the installation is what the lock says. */
const isInstalled = (folder) => {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const found = packagesOf(join(folder, 'node_modules/.package-lock.json'));
  return (
    found !== undefined &&
    Object.entries(wanted).every(
      // An optional package may be one for another platform.
      ([path, { version, optional }]) => found[path]?.version === version || (optional && !found[path]),
    )
  );
};

/** Makes the folder's node_modules what its lock says. Says so, and asks the registry, only if it is not. */
export const installPrivateTools = (folder) => {
  if (isInstalled(folder)) return;
  console.log(`Installing the tools of ${relative(process.cwd(), folder)}`);
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};
