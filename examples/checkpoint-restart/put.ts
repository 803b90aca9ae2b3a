import { constants } from 'node:fs';
import {
  chmod,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { restoredMode } from './entry.js';
import type { Entry } from './entry.js';
import { Fault, exitStatus } from './exit-status.js';
import { utimesArgument } from './timestamp.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** Makes the target, or takes an empty directory as it is. Returns whether it is new. */
export const prepareTarget = async (target: string): Promise<boolean> => {
  try {
    await putDirectory(target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const isEmpty = (await readdir(target).catch(notDirectory)).length === 0;
  if (!isEmpty) throw new Fault(exitStatus.notEmpty, `the target ${target} is not an empty directory`);
  return false;
};

const notDirectory = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOTDIR') return ['not even a directory'];
  throw error;
};

/** Only its owner gets in while it is being filled; its own mode comes last. */
export const putDirectory = (place: string): Promise<void> => mkdir(place, 0o700);

/**
 * Writes a file that does not exist yet: never through a link and never over anything. A file that could not be
 * finished is removed again.
 */
export const putFile = async (
  place: string,
  entry: Entry,
  content: Buffer | AsyncIterable<Buffer>,
): Promise<void> => {
  const handle = await open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await writeFile(handle, content);
    await handle.chmod(restoredMode(entry));
    await handle.utimes(utimesArgument(entry.mtimeNs), utimesArgument(entry.mtimeNs));
  } catch (error) {
    await rm(place, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
};

export const putSymlink = async (place: string, entry: Entry): Promise<void> => {
  await symlink(entry.target, place);
  await lutimes(place, utimesArgument(entry.mtimeNs), utimesArgument(entry.mtimeNs));
};

/** Gives a directory its mode and times; one that the image does not list gets a usual mode. */
export const putDirectoryMetadata = async (place: string, entry: Entry | undefined): Promise<void> => {
  // A mode and a time are set through links, and nothing but the directory itself is meant.
  if (!(await lstat(place)).isDirectory()) throw new Error('it is not a directory any more');
  await chmod(place, entry === undefined ? 0o755 : restoredMode(entry));
  if (entry !== undefined) await utimes(place, utimesArgument(entry.mtimeNs), utimesArgument(entry.mtimeNs));
};

/** For what does not have to be there: `lstat(place).catch(absent)`. */
export const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
};
