import path from 'node:path';
import { notSupported } from './broken-image.js';
import { Fault, exitStatus } from './exit-status.js';
import { quoted } from './printable.js';

const unsafe = (what: string, name: string, why: string): Fault =>
  new Fault(exitStatus.unsafe, `unsafe entry: the ${what} ${quoted(name)} ${why}`);

/** What a call of Linux takes as a path, in bytes. It bounds how deep a tree can be, too. */
export const longestPath = 4096;

/**
 * The path of an entry, relative and free of everything that could lead out of the target; `''` is the root.
 * Throws before anything is touched on behalf of the entry.
 */
export const safePath = (name: string, what: 'name' | 'hard link target' = 'name'): string => {
  if (name === '') throw unsafe(what, name, 'is empty');
  if (name.includes('\0')) throw unsafe(what, name, 'contains a NUL');
  if (name.length > longestPath) {
    throw notSupported(
      name,
      `has a ${what} of ${name.length} characters, and a path can have ${longestPath}`,
    );
  }
  if (path.isAbsolute(name)) throw unsafe(what, name, 'is an absolute path');
  // There, a backslash separates names too, and a colon names a drive or a stream.
  if (path.sep === '\\' && /[\\:]/.test(name)) throw unsafe(what, name, 'is not a relative path');
  const components = name.split('/').filter((component) => component !== '' && component !== '.');
  if (components.includes('..')) throw unsafe(what, name, 'climbs out of the target');
  return components.join('/');
};

/** Whether a name was UTF-8, as the names of a tar should be. What was not has been decoded to this character. */
export const isText = (name: string): boolean => !name.includes('\uFFFD');

/** Where an entry lives on disk, below a root. */
export const placeOf = (root: string, entryPath: string): string =>
  entryPath === '' ? root : path.join(root, ...entryPath.split('/'));
