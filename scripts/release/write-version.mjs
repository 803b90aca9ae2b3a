// Writes the version that is being made into src/version.ts, which the package names itself by: release-it calls it.
import { readFileSync, writeFileSync } from 'node:fs';

const [version] = process.argv.slice(2);
const path = new URL('../../src/version.ts', import.meta.url);
const text = readFileSync(path, 'utf8');
const written = text.replace(/(VERSION = ')[^']+(')/, `$1${version}$2`);
if (version === undefined || !written.includes(`VERSION = '${version}'`)) {
  throw new Error(`There is no VERSION in ${path.pathname} to write ${version} into`);
}
writeFileSync(path, written);
