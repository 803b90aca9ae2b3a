import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './run.mjs';

export const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** What a user writes to get a subpath of `exports`. */
const specifier = (subpath) => manifest.name + subpath.slice(1);

/** Subpaths that are used without the main entry, and so must not bring it along. */
export const STANDALONE = ['./carriers', './cls-hooked', './debug', './inspect', './timeline'];

/** Subpaths that are made for a peer and cannot be loaded without it. All others can, whatever is installed. */
export const MADE_FOR_PEER = { './opentelemetry': '@opentelemetry/api' };

/** The entries of `exports` that are modules: all but package.json itself. */
export const subpaths = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => ({
    subpath,
    specifier: specifier(subpath),
    module: manifest.exports[subpath].default.replace(/^\.\//, ''),
  }));
