import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is gone, with all that is in it, when it is disposed of. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(at: string) {
    this.path = at;
  }

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(path.join(tmpdir(), 'deferqueue-')));
  }

  /** A place in the folder. */
  at(name: string): string {
    return path.join(this.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeTree(this.path);
  }
}

/** `rm` cannot empty a directory that its owner may not write to, and we restore such directories. */
export const removeTree = async (directory: string): Promise<void> => {
  await unlock(directory);
  await rm(directory, { recursive: true, force: true });
};

const unlock = async (directory: string): Promise<void> => {
  await chmod(directory, 0o700);
  for (const child of await readdir(directory, { withFileTypes: true })) {
    if (child.isDirectory()) await unlock(path.join(directory, child.name));
  }
};
