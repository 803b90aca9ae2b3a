// The versions of Node.js that are measured: packages of bench/package.json, for Linux on x64. Elsewhere it is the running one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = process.versions.node.split('.')[0];
const packaged = (major) => fileURLToPath(new URL(`node_modules/node-${major}/bin/node`, import.meta.url));

export const MAJORS = ['20', '22', '24', '26'];

export const findNodes = (majors) => {
  const nodes = majors.flatMap((major) => {
    const binary = [packaged(major), ...(major === here ? [process.execPath] : [])].find((path) =>
      existsSync(path),
    );
    if (binary === undefined) return [];
    const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
    return [{ major, binary, version: stdout.trim().replace('v', '') }];
  });
  const isPackaged = process.platform === 'linux' && process.arch === 'x64';
  const missing = majors.filter((major) => !nodes.some((node) => node.major === major));
  if (nodes.length === 0 || (isPackaged && missing.length > 0))
    throw new Error(`There is no binary of Node.js ${missing.join(', ')}`);
  return nodes;
};
