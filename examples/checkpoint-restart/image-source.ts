import { constants, createReadStream, open as openCallback } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Fault, exitStatus } from './exit-status.js';

/** Where an image comes from. */
export interface ImageSource {
  readonly label: string;
  /** Bytes, where that is known beforehand. A pipe does not know, and can be read only once. */
  readonly size: number | undefined;
  /** The file, where another program can read it, too. */
  readonly path?: string;
  read(): Promise<Readable>;
}

const once = (label: string, stream: Readable): ImageSource => ({
  label,
  size: undefined,
  read: () => Promise.resolve(stream),
});

const open = promisify(openCallback);

/** The image at a path; `-` is the standard input. */
export const imageSource = async (path: string): Promise<ImageSource> => {
  if (path === '-') return once('standard input', process.stdin);
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      throw new Fault(exitStatus.image, `cannot read the image ${path}: it is a directory`);
    }
    await access(path, constants.R_OK);
    if (!found.isFIFO()) {
      return { label: path, path, size: found.size, read: () => Promise.resolve(createReadStream(path)) };
    }
    // A read of a pipe blocks a thread until something comes; a socket lets go of it when we are interrupted.
    return once(path, new Socket({ fd: await open(path, 'r'), readable: true, writable: false }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Fault(exitStatus.image, `cannot read the image ${path}: there is no such file`, {
      cause: error,
    });
  }
};
