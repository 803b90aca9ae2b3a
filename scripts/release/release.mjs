// Makes a version: `npm run release -- minor`, or with --dry-run only says what it would do. It moves what stands under
// Unreleased in CHANGELOG.md to the version, writes the version into package.json and the lock, commits, tags and pushes.
// Nothing is published from here: the tag starts .github/workflows/release.yml, which does (see docs/internals/releasing.md).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPrivateTools } from '../private-tools.mjs';
import { obstacles } from './obstacles.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('.', import.meta.url));
const args = process.argv.slice(2);

const read = (path) => readFileSync(join(root, path), 'utf8');

const dry = args.includes('--dry-run') || args.includes('-d');
const told = obstacles(JSON.parse(read('package.json')), read('CHANGELOG.md'));
for (const obstacle of told) console.error(`✗ ${obstacle}`);
if (told.length > 0) {
  console.error(
    `No version can be made before that is filled in: see docs/internals/releasing.md.${dry ? ' Dry run all the same:' : ''}`,
  );
}
if (told.length > 0 && !dry) {
  process.exitCode = 1;
} else {
  installPrivateTools(folder);
  const tool = join(folder, 'node_modules/release-it/bin/release-it.js');
  const config = join(folder, 'release-it.json');
  const { status } = spawnSync(process.execPath, [tool, '--config', config, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
