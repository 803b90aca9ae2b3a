// The versions of Node.js that are measured: packages of bench/package.json, which are for Linux on x64. Elsewhere it is the one
// that runs this.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = process.versions.node.split('.')[0];
const binaryOf = (major) => fileURLToPath(new URL(`node_modules/node-${major}/bin/node`, import.meta.url));

export const MAJORS = ['20', '22', '24', '26'];

/** Throws where there is no binary, unless nothing but what runs this can be had. */
export const findNodes = (majors = MAJORS) => {
  const canInstall = process.platform === 'linux' && process.arch === 'x64';
  const found = majors
    .map((major) => {
      if (existsSync(binaryOf(major))) return { major, binary: binaryOf(major) };
      return major === here ? { major, binary: process.execPath } : { major };
    })
    .filter(({ major, binary }) => {
      if (binary === undefined && canInstall) throw new Error(`There is no binary of Node.js ${major}`);
      return binary !== undefined;
    });
  if (found.length === 0) throw new Error(`None of Node.js ${majors.join(', ')} can be had here`);
  return found.map((node) => {
    const { stdout } = spawnSync(node.binary, ['--version'], { encoding: 'utf8' });
    return { ...node, version: stdout.trim().replace('v', '') };
  });
};
