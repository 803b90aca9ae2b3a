import { link, lstat, unlink } from 'node:fs/promises';
import { ClaimedPaths, LinkedFiles } from './claimed-paths.js';
import { describeEntry, parentOf } from './entry.js';
import type { ImageSource } from './image-source.js';
import type { Progress } from './progress.js';
import { absent, prepareTarget, putDirectory, putDirectoryMetadata, putFile, putSymlink } from './put.js';
import { ImageIndex, passOver, readImage } from './read-image.js';
import type { ImageItem } from './read-image.js';
import { placeOf } from './safe-path.js';

export interface RestoredInPlace {
  readonly index: ImageIndex;
  /** What could not be done when its turn came. */
  readonly failures: readonly string[];
}

/**
 * The same restart with nothing deferred: everything is done when the stream comes to it, one entry after the other. It
 * is here to be compared with. It is as safe as the other one, but what it leaves behind is wrong.
 */
export const restartWithoutDeferral = async (
  source: ImageSource,
  target: string,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<RestoredInPlace> => {
  await prepareTarget(target);
  const index = new ImageIndex();
  const claims = new ClaimedPaths();
  const links = new LinkedFiles((path) => claims.entryAt(path));
  const failures: string[] = [];
  progress.start('restart without deferral', source.size);
  for await (const item of readImage(source, { index, signal })) {
    claims.claim(item.entry);
    try {
      await restoreInPlace(item, target, links);
    } catch (error) {
      failures.push(`${describeEntry(item.entry)}: ${(error as Error).message}`);
      await passOver(item);
    }
    progress.entryDone(item.position);
  }
  progress.end();
  return { index, failures };
};

const restoreInPlace = async (
  { entry, content }: ImageItem,
  target: string,
  links: LinkedFiles,
): Promise<void> => {
  const place = placeOf(target, entry.path);
  await makeDirectories(target, parentOf(entry.path));
  if (entry.type === 'directory') {
    await makeDirectories(target, entry.path);
    await putDirectoryMetadata(place, entry);
  } else if (entry.type === 'file') {
    await putFile(place, entry, content);
  } else if (entry.type === 'link') {
    const file = links.fileOf(entry);
    await makeDirectories(target, parentOf(file.path));
    await link(placeOf(target, file.path), place);
  } else {
    await putSymlink(place, entry);
  }
  if (entry.deleted) await unlink(place);
};

/** Makes what is missing of a directory. Here a symlink may be in the target already: nothing is done below one. */
const makeDirectories = async (target: string, path: string): Promise<void> => {
  if (path === '') return;
  await makeDirectories(target, parentOf(path));
  const place = placeOf(target, path);
  const stat = await lstat(place).catch(absent);
  if (stat === undefined) await putDirectory(place);
  else if (!stat.isDirectory()) throw new Error(`${path} is not a directory`);
};
