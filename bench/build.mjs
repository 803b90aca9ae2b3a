// The built package: dist is built again if a source is newer.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const entry = join(root, 'dist/index.js');

const isFresh = () => {
  if (!existsSync(entry)) return false;
  const builtAt = statSync(entry).mtimeMs;
  return readdirSync(join(root, 'src'), { recursive: true }).every(
    (path) => statSync(join(root, 'src', path)).mtimeMs <= builtAt,
  );
};

export const build = () => {
  if (isFresh()) return;
  console.log('Building the package');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
};
