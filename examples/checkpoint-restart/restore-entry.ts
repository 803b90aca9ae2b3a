import { link, unlink } from 'node:fs/promises';
import { ClaimedPaths, LinkedFiles } from './claimed-paths.js';
import { parentOf } from './entry.js';
import type { Entry } from './entry.js';
import { putDirectory, putDirectoryMetadata, putFile, putSymlink } from './put.js';
import type { ImageItem } from './read-image.js';
import { placeOf } from './safe-path.js';
import type { Works } from './works.js';

/**
 * What becomes of one entry at once, and what is deferred. Nothing here is told of the operation or of the task: the
 * works find them.
 */
export class Restorer {
  readonly claims = new ClaimedPaths();
  readonly #links = new LinkedFiles((path) => this.claims.entryAt(path));
  readonly #target: string;
  readonly #works: Works;
  readonly #targetIsNew: boolean;
  readonly #directories = new Map<string, Promise<void>>();

  constructor(target: string, works: Works, targetIsNew: boolean) {
    this.#target = target;
    this.#works = works;
    this.#targetIsNew = targetIsNew;
  }

  async restore({ entry, content }: ImageItem): Promise<void> {
    if (entry.type === 'directory') {
      await this.directory(entry.path);
      return;
    }
    await this.directory(parentOf(entry.path));
    if (entry.type === 'file') await putFile(this.#place(entry.path), entry, content);
    else if (entry.type === 'link') this.#linkLater(entry);
    else this.#symlinkLater(entry);
    if (entry.deleted) this.#removeLater(entry);
  }

  /**
   * Makes a directory and those above it, once. Its mode and times are deferred before anything that is deferred for what
   * is in it: in a queue that is last in, first out they come after all of that, and children come before parents.
   */
  directory(path: string): Promise<void> {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const above = path === '' ? undefined : this.directory(parentOf(path));
    this.#works.later('directory', path, (it) => this.#finishDirectory(it));
    const made = above === undefined ? Promise.resolve() : above.then(() => putDirectory(this.#place(path)));
    this.#directories.set(path, made);
    return made;
  }

  async #finishDirectory(path: string): Promise<void> {
    const entry = this.claims.entryAt(path);
    // A directory that the image does not list gets a usual mode, but a target that was there keeps its own.
    if (entry === undefined && path === '' && !this.#targetIsNew) return;
    await putDirectoryMetadata(this.#place(path), entry);
  }

  /** The target may come later in the stream, and in another task: the queues of all tasks drain when all have ended. */
  #linkLater(entry: Entry): void {
    this.#works.later('hard link', entry.path, async (path) => {
      const file = this.#links.fileOf(entry);
      await link(this.#place(file.path), this.#place(path));
    });
  }

  /** Later than every file and hard link: while those are made, there is no symlink that they could go through. */
  #symlinkLater(entry: Entry): void {
    this.#works.later('symlink', entry.path, (path) => putSymlink(this.#place(path), entry));
  }

  /** When every hard link has attached to the file. */
  #removeLater(entry: Entry): void {
    this.#works.later('removal', entry.path, (path) => unlink(this.#place(path)));
  }

  #place(path: string): string {
    return placeOf(this.#target, path);
  }
}
