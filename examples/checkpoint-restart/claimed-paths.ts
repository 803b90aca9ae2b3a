import { describeEntry, parentOf } from './entry.js';
import type { Entry } from './entry.js';
import { Fault, exitStatus } from './exit-status.js';

/**
 * Which entry each path of the target belongs to. Nothing is ever put in the place of another entry, or below one that
 * is not a directory: so no entry can make a way out of the target that a later one would go.
 */
export class ClaimedPaths {
  /** `undefined` is a directory that was only implied by what is in it, so far. */
  readonly #claims = new Map<string, Entry | undefined>([['', undefined]]);

  /** Takes the path of an entry, or throws if that cannot be. */
  claim(entry: Entry): void {
    for (let path = entry.path; path !== '';) {
      path = parentOf(path);
      const above = this.#claims.get(path);
      if (above !== undefined && above.type !== 'directory') {
        throw conflict(entry, `lies below ${describeEntry(above)}`);
      }
      if (!this.#claims.has(path)) this.#claims.set(path, undefined);
    }
    const claimed = this.#claims.get(entry.path);
    if (claimed !== undefined) throw conflict(entry, `takes the place of ${describeEntry(claimed)}`);
    if (this.#claims.has(entry.path) && entry.type !== 'directory') {
      throw conflict(entry, 'takes the place of a directory');
    }
    this.#claims.set(entry.path, entry);
  }

  /** The entry at a path; `undefined` for a directory that the image does not list. */
  entryAt(path: string): Entry | undefined {
    return this.#claims.get(path);
  }
}

const conflict = (entry: Entry, why: string): Fault =>
  new Fault(exitStatus.unsafe, `unsafe entry: ${describeEntry(entry)} ${why}`);

/** The file that a hard link is a name of, through the links of the image: a link can lead to a link. */
export const fileOf = (entry: Entry, entryAt: (path: string) => Entry | undefined): Entry => {
  const seen = new Set<string>();
  let at = entry;
  while (at.type === 'link') {
    if (seen.has(at.path)) throw new Error(`it is linked in a circle with ${at.target}`);
    seen.add(at.path);
    const next = entryAt(at.target);
    if (next === undefined) throw new Error(`its target ${at.target} is not there`);
    at = next;
  }
  if (at.type !== 'file') throw new Error(`its target ${at.path} is a ${at.type}`);
  return at;
};
