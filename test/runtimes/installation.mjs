// The package as its users have it: packed by npm, unpacked into a folder of its own with its dependencies beside it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

const run = (command, args) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
};

/** The package's dependencies, theirs too. */
const dependenciesOf = (folder) => {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const names = Object.keys(dependencies ?? {});
  return names.flatMap((name) => [name, ...dependenciesOf(join(root, 'node_modules', name))]);
};

/** Makes the folder, with the cases in it. Returns its path; whoever asked for it calls `remove`. */
export const install = () => {
  const folder = mkdtempSync(join(tmpdir(), 'deferqueue-runtimes-'));
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]),
  );
  // The copy is for cases in which two copies of the package meet in one process.
  for (const name of ['deferqueue', 'deferqueue-copy']) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', target]);
  }
  for (const name of dependenciesOf(root)) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  cpSync(fileURLToPath(new URL('smoke', import.meta.url)), join(folder, 'smoke'), { recursive: true });
  const dependencies = Object.fromEntries(
    ['deferqueue', 'deferqueue-copy', 'p-queue'].map((name) => [name, '*']),
  );
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  return folder;
};

export const remove = (folder) => rmSync(folder, { recursive: true, force: true });
