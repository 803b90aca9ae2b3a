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
      // What is above a directory has been claimed with it.
      if (this.#claims.has(path)) break;
      this.#claims.set(path, undefined);
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

/** Finds the files that hard links are names of, through the links of the image: a link can lead to a link. */
export class LinkedFiles {
  readonly #entryAt: (path: string) => Entry | undefined;
  /** What has been found of each link, so that a chain of them is walked once: its file, or why it has none. */
  readonly #found = new Map<string, Entry | Error>();

  constructor(entryAt: (path: string) => Entry | undefined) {
    this.#entryAt = entryAt;
  }

  fileOf(entry: Entry): Entry {
    const seen = new Set<string>();
    let at: Entry | Error = entry;
    while (!(at instanceof Error) && at.type === 'link') {
      const circle = seen.has(at.path);
      seen.add(at.path);
      at = circle
        ? new Error(`it is linked in a circle with ${at.target}`)
        : (this.#found.get(at.path) ??
          this.#entryAt(at.target) ??
          new Error(`its target ${at.target} is not there`));
    }
    if (!(at instanceof Error) && at.type !== 'file') {
      at = new Error(`its target ${at.path} is a ${at.type}`);
    }
    for (const path of seen) this.#found.set(path, at);
    if (at instanceof Error) throw at;
    return at;
  }
}
